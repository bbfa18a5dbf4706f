//! A callback of whose calls an adapter learns.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::lock;
use crate::callback::{Callback, OnCancel, Target};
use crate::runtime::{Atomic, Runtime};

/// Where a callback has come to.
#[derive(Debug)]
pub(super) struct Calls<R: Runtime> {
    /// The engine sees this, since who looks at it and who writes it are often ordered by nothing else: of such accesses it
    /// tries both orders. It orders nothing itself.
    was_called: R::AtomicU8,
    /// The number of the thread that runs it, plus one; 0 if none does. A thread looks for its own number alone.
    running: AtomicUsize,
}

impl<R: Runtime> Calls<R> {
    /// Whether it was called.
    pub(super) fn was_called(&self) -> bool {
        self.was_called.load(Ordering::Relaxed) == 1
    }

    /// Whether it runs on the calling thread.
    pub(super) fn runs_here(&self) -> bool {
        self.running.load(Ordering::SeqCst) == R::current_number() + 1
    }
}

/// Stands before a callback and notes when it is called.
struct Observed<R: Runtime> {
    calls: Arc<Calls<R>>,
    target: Target,
    /// Until it is given back.
    callback: Mutex<Option<Callback>>,
}

/// A callback that does what `callback` does, and what is known of its calls.
pub(super) fn observed<R: Runtime>(callback: Callback) -> (Callback, Arc<Calls<R>>) {
    let calls = Arc::new(Calls { was_called: Atomic::new(0), running: AtomicUsize::new(0) });
    let target = callback.target();
    let observed = Observed { calls: Arc::clone(&calls), target, callback: Mutex::new(Some(callback)) };
    (Callback::new(observed), calls)
}

impl<R: Runtime> OnCancel for Observed<R> {
    fn on_cancel(&self) {
        self.calls.was_called.store(1, Ordering::Relaxed);
        self.calls.running.store(R::current_number() + 1, Ordering::SeqCst);
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
