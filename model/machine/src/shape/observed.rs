//! A callback of whose calls an adapter learns.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::lock;
use crate::callback::{Callback, OnCancel, Target};

/// Where a callback has come to.
#[derive(Debug, Default)]
pub(super) struct Calls {
    was_called: AtomicBool,
    /// The number of the thread that runs it, plus one; 0 if none does.
    running: AtomicUsize,
}

impl Calls {
    /// Whether it was called.
    pub(super) fn was_called(&self) -> bool {
        self.was_called.load(Ordering::SeqCst)
    }

    /// Whether it runs on the thread of that number.
    pub(super) fn runs_on(&self, thread: usize) -> bool {
        self.running.load(Ordering::SeqCst) == thread + 1
    }
}

/// Stands before a callback and notes when it is called.
struct Observed {
    calls: Arc<Calls>,
    thread: fn() -> usize,
    target: Target,
    /// Until it is given back.
    callback: Mutex<Option<Callback>>,
}

/// A callback that does what `callback` does, and what is known of its calls. `thread` gives the number of the calling thread.
pub(super) fn observed(callback: Callback, thread: fn() -> usize) -> (Callback, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    let target = callback.target();
    let observed =
        Observed { calls: Arc::clone(&calls), thread, target, callback: Mutex::new(Some(callback)) };
    (Callback::new(observed), calls)
}

impl OnCancel for Observed {
    fn on_cancel(&self) {
        self.calls.was_called.store(true, Ordering::SeqCst);
        self.calls.running.store((self.thread)() + 1, Ordering::SeqCst);
        self.target.invoke();
        self.calls.running.store(0, Ordering::SeqCst);
    }

    fn on_release(&self) {
        let callback = lock(&self.callback).take();
        match callback {
            Some(callback) => drop(callback),
            // Given back once too often: the suite shall see that.
            None => self.target.release(),
        }
    }
}
