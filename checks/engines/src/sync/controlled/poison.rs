//! Whether a thread panicked while it held a lock.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::executor;

/// The mark on a lock. No engine sees it: it is read and written under the lock.
#[derive(Debug)]
pub(super) struct Flag(AtomicBool);

/// What a guard remembers: whether its task was panicking when it took the lock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guarding(bool);

impl Flag {
    pub(super) const fn new() -> Self {
        Flag(AtomicBool::new(false))
    }

    #[allow(clippy::unused_self, reason = "a guard is of one flag, as in the standard library")]
    pub(super) fn guard(&self) -> Guarding {
        Guarding(executor::is_panicking())
    }

    /// The guard goes.
    pub(super) fn done(&self, Guarding(before): Guarding) {
        if !before && executor::is_panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}
