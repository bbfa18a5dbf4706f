//! One thread that waits, and others that tell it.

use cancelproof::sync::controlled::{Condvar, Mutex};

/// A notification that one thread waits for.
#[derive(Debug, Default)]
pub struct Notify {
    is_notified: Mutex<bool>,
    condvar: Condvar,
}

impl Notify {
    /// Nobody is notified.
    pub fn new() -> Notify {
        Notify::default()
    }

    /// Notifies whoever waits, or waits next.
    ///
    /// # Panics
    ///
    /// Panics if a thread panicked here before.
    #[track_caller]
    pub fn notify(&self) {
        *self.is_notified.lock().unwrap() = true;
        self.condvar.notify_one();
    }

    /// Blocks until notified.
    ///
    /// # Panics
    ///
    /// Panics if a thread panicked here before.
    #[track_caller]
    pub fn wait(&self) {
        let mut is_notified = self.is_notified.lock().unwrap();
        while !*is_notified {
            is_notified = self.condvar.wait(is_notified).unwrap();
        }
        *is_notified = false;
    }
}
