//! A canceled waiter drops its waker under the semaphore's lock, and the waker's destructor wants that lock.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_dropped_under_lock",
    reference: "apache/asyncband#189",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A waiter that is canceled drops its waker while it holds the lock of the list of waiters, and \
        before it gives back the permits that it was given; a waker whose destructor uses the semaphore \
        waits for itself.",
    users: "A program whose wakers own something that releases a permit stops for good, or loses the permits \
        if the destructor panics.",
    fix: "The permits are given back first, and wakers are dropped when the lock is free.",
    missed: "Yes, by a waker that uses the semaphore when it is dropped; a regression test came with the \
        change.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Semaphore<R: Runtime> {
    lock: Lock<R>,
    is_waiting: Plain<R, bool>,
    permits: Plain<R, u8>,
}

impl<R: Runtime> Semaphore<R> {
    fn release(&self) {
        self.lock.hold(|| {
            // A waiter takes the permit with its waker, which is then woken and not dropped by a cancel.
            self.is_waiting.set(false);
            self.permits.set(self.permits.get() + 1);
        });
    }

    fn cancel<const FIXED: bool>(&self) {
        self.lock.acquire();
        let drops_waker = self.is_waiting.replace(false);
        if drops_waker && !FIXED {
            self.drop_waker();
        }
        self.lock.release();
        if drops_waker && FIXED {
            self.drop_waker();
        }
    }

    /// The waker owns a permit of this semaphore.
    fn drop_waker(&self) {
        self.release();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let semaphore = Arc::new(Semaphore::<R> {
        lock: Lock::new(),
        is_waiting: Plain::new(true),
        permits: Plain::new(0),
    });
    let other = Arc::clone(&semaphore);
    two::<R>(move || other.release(), || semaphore.cancel::<FIXED>());
}
