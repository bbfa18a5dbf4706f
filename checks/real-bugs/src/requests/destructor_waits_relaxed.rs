//! The destructor of a stop callback waits for its end by relaxed loads, and that end is told by a relaxed store.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::parts::*;

const NONE: u32 = 0;
const REGISTERED: u32 = 1;
const RUNNING: u32 = 2;
const DONE: u32 = 3;

struct State {
    is_stopped: bool,
    callback: Option<Callback>,
}

/// A stop source with one stop callback at a time.
pub(super) struct Stop<R: Runtime, const FIXED: bool> {
    state: R::Mutex<State>,
    progress: R::AtomicU32,
    /// The number of the thread that runs the callback, plus one. A thread looks for its own number.
    running: AtomicUsize,
    /// What the callback uses and its owner has back after the destructor.
    context: Plain<R, u8>,
}

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Stop<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Stop<R, FIXED> {
    fn call(&self, callback: Callback) {
        self.running.store(R::current_number() + 1, Ordering::Relaxed);
        self.context.set(1);
        callback.invoke();
        drop(callback);
        self.running.store(0, Ordering::Relaxed);
        self.progress.store(DONE, if FIXED { Release } else { Relaxed });
    }
}

impl<R: Runtime, const FIXED: bool> Slot<R> for Stop<R, FIXED> {
    type Own = ();
    type Told = ();

    fn new() -> Self {
        let state = Mutex::new(State { is_stopped: false, callback: None });
        Stop { state, progress: Atomic::new(NONE), running: AtomicUsize::new(0), context: Plain::new(0) }
    }

    fn register(&self, callback: Callback) {
        let mut state = self.state.lock();
        self.progress.store(if state.is_stopped { RUNNING } else { REGISTERED }, Relaxed);
        if state.is_stopped {
            drop(state);
            return self.call(callback);
        }
        state.callback = Some(callback);
    }

    fn deregister(&self, (): ()) {
        if self.running.load(Ordering::Relaxed) == R::current_number() + 1 {
            return;
        }
        let callback = self.state.lock().callback.take();
        if callback.is_none() {
            while self.progress.load(if FIXED { Acquire } else { Relaxed }) == RUNNING {
                R::yield_now();
            }
        }
        self.context.set(0);
    }

    fn cancel(&self) {
        let mut state = self.state.lock();
        state.is_stopped = true;
        let Some(callback) = state.callback.take() else { return };
        self.progress.store(RUNNING, Relaxed);
        drop(state);
        self.call(callback);
    }
}
