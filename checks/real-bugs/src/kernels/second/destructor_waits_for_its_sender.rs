//! A publisher waits for room in a subscriber's channel under a lock, and the subscriber's destructor takes the lock before it
//! hangs up.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "destructor_waits_for_its_sender",
    reference: "spacejam/sled#1515",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A publisher waits for room in a subscriber's channel under a lock, and the subscriber's destructor takes \
                the lock before it hangs up.",
    users: "Threads that inserted into a database made no progress any more once a subscriber had gone away.",
    fix: "The destructor hangs up first and takes the lock then.",
    missed: "With subscribers that go away while another thread inserts, as the report does; it names the fix too.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Subscription<R: Runtime> {
    table: Lock<R>,
    has_hung_up: Monitor<R, bool>,
}

impl<R: Runtime> Subscription<R> {
    /// The channel is full; a send ends when the receiver hangs up.
    fn publish(&self) {
        self.table.acquire();
        self.has_hung_up.wait(|has_hung_up| *has_hung_up, |_| ());
        self.table.release();
    }

    fn hang_up(&self) {
        self.has_hung_up.update(|has_hung_up| *has_hung_up = true);
    }

    fn unsubscribe<const FIXED: bool>(&self) {
        if FIXED {
            self.hang_up();
        }
        self.table.hold(|| ());
        if !FIXED {
            self.hang_up();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let subscription = Arc::new(Subscription::<R> { table: Lock::new(), has_hung_up: Monitor::new(false) });
    let publisher = Arc::clone(&subscription);
    two::<R>(move || publisher.publish(), || subscription.unsubscribe::<FIXED>());
}
