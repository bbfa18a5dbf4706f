//! A lock around a value that others wait for to change: a driver's lock and its event, registers and their interrupt.

use std::fmt;

use cancelproof_runtime::{Condvar, Mutex, Runtime};

/// A value under a lock, and who waits for it. Nobody is blocked while holding the lock, and what is demanded of the value is
/// demanded outside, so that an execution that fails holds no guard.
pub struct Monitor<R: Runtime, T: Send + 'static> {
    value: R::Mutex<T>,
    has_changed: R::Condvar,
}

impl<R: Runtime, T: Send + 'static> Monitor<R, T> {
    /// A value that nobody waits for.
    #[track_caller]
    #[must_use]
    pub fn new(value: T) -> Self {
        Monitor { value: Mutex::new(value), has_changed: Condvar::new() }
    }

    /// Does `work` under the lock and wakes nobody.
    #[track_caller]
    pub fn with<O>(&self, work: impl FnOnce(&mut T) -> O) -> O {
        work(&mut self.value.lock())
    }

    /// Does `work` under the lock and wakes all who wait.
    #[track_caller]
    pub fn update<O>(&self, work: impl FnOnce(&mut T) -> O) -> O {
        let result = work(&mut self.value.lock());
        self.has_changed.notify_all();
        result
    }

    /// Waits until the value `is_ready`, and does `work` under the same hold of the lock. If it never is, that is a deadlock to
    /// every engine.
    #[track_caller]
    pub fn wait<O>(&self, is_ready: impl Fn(&T) -> bool, work: impl FnOnce(&mut T) -> O) -> O {
        let mut value = self.value.lock();
        while !is_ready(&value) {
            value = self.has_changed.wait(value);
        }
        work(&mut value)
    }
}

impl<R: Runtime, T: Send + 'static> fmt::Debug for Monitor<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}
