//! Whoever makes room signals without the lock, between the look and the wait of whoever needs it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "notified_beside_the_lock",
    reference: "tokio-rs/tokio#2134",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A sender looks under the lock whether there is room and waits on a condition variable; the \
        receiver makes room and signals without that lock, and the signal comes after the look and \
        before the wait.",
    users: "A sender of a broadcast channel waits for good.",
    fix: "The receiver takes the lock to signal.",
    missed: "Likely, by a model checker's test with a sender that blocks; the change names none.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    tail: R::Mutex<()>,
    readers: R::AtomicU8,
    has_room: R::Condvar,
}

impl<R: Runtime> Channel<R> {
    fn read<const FIXED: bool>(&self) {
        self.readers.swap(0, AcqRel);
        if FIXED {
            drop(self.tail.lock());
        }
        self.has_room.notify_one();
    }

    fn send(&self) {
        let mut tail = self.tail.lock();
        while self.readers.load(Acquire) != 0 {
            tail = self.has_room.wait(tail);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel =
        Arc::new(Channel::<R> { tail: Mutex::new(()), readers: Atomic::new(1), has_room: Condvar::new() });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.read::<FIXED>());
}
