//! The lock of the suite's own bookkeeping: that of the standard library, which nobody has to ask for poison.
//!
//! A request may panic wherever it is called, and what the suite has taken down by then is whole: no lock of this kind is held
//! while code of others runs.

use std::sync::{self, MutexGuard, PoisonError};

/// A mutex whose guard is given although a thread has panicked with it.
#[derive(Debug, Default)]
pub struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    /// A mutex that nobody holds.
    pub const fn new(value: T) -> Self {
        Mutex(sync::Mutex::new(value))
    }

    /// Waits until nobody holds it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
