//! A poll replaces the waker of the last poll and drops it under the lock that its destructor takes.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "replaced_waker_dropped_under_lock",
    reference: "tokio-rs/tokio#5429",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A second poll with another waker replaces the first one while the lock is held and drops it \
        there; a waker whose destructor notifies takes the same lock.",
    users: "Programs with wakers of their own hang when a future is polled by another task.",
    fix: "The old waker is put aside and dropped when the lock is free.",
    missed: "Yes, by a waker that does something when it is dropped, as the tests in the report have.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Notify<R: Runtime> {
    lock: Lock<R>,
    has_old_waker: Plain<R, bool>,
}

impl<R: Runtime> Notify<R> {
    fn notify(&self) {
        self.lock.hold(|| self.has_old_waker.set(false));
    }

    fn poll_again<const FIXED: bool>(&self) {
        self.lock.acquire();
        let is_replaced = self.has_old_waker.replace(false);
        if is_replaced && !FIXED {
            self.drop_waker();
        }
        self.lock.release();
        if is_replaced && FIXED {
            self.drop_waker();
        }
    }

    fn drop_waker(&self) {
        self.notify();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let notify = Arc::new(Notify::<R> { lock: Lock::new(), has_old_waker: Plain::new(true) });
    let other = Arc::clone(&notify);
    two::<R>(move || other.notify(), || notify.poll_again::<FIXED>());
}
