//! A lock that is taken and given back by hand.

use std::fmt;

use cancelproof_runtime::{Condvar, Mutex, Runtime};

/// A lock without a guard. Whoever takes it while it holds it waits for itself: a deadlock to every engine. A guard of loom's
/// that is held in a deadlock takes the process down; here nobody who waits holds one.
pub struct Lock<R: Runtime> {
    is_held: R::Mutex<bool>,
    is_free: R::Condvar,
}

impl<R: Runtime> Lock<R> {
    /// A lock that nobody holds.
    #[track_caller]
    #[must_use]
    pub fn new() -> Self {
        Lock { is_held: Mutex::new(false), is_free: Condvar::new() }
    }

    /// Waits until it is free, and takes it.
    #[track_caller]
    pub fn acquire(&self) {
        let mut is_held = self.is_held.lock();
        while *is_held {
            is_held = self.is_free.wait(is_held);
        }
        *is_held = true;
    }

    /// Takes it if it is free, and returns whether it was.
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        !std::mem::replace(&mut *self.is_held.lock(), true)
    }

    /// Gives it back.
    #[track_caller]
    pub fn release(&self) {
        *self.is_held.lock() = false;
        self.is_free.notify_one();
    }

    /// Takes it, does `work`, and gives it back.
    #[track_caller]
    pub fn hold<T>(&self, work: impl FnOnce() -> T) -> T {
        self.acquire();
        let result = work();
        self.release();
        result
    }
}

impl<R: Runtime> Default for Lock<R> {
    fn default() -> Self {
        Lock::new()
    }
}

impl<R: Runtime> fmt::Debug for Lock<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
