//! Threads that wait for each other; see [`std::sync::Barrier`].

use super::{Condvar, Mutex, PoisonError};

/// See [`std::sync::Barrier`]: a lock, a condition variable and a count, as in the standard library.
#[derive(Debug)]
pub struct Barrier {
    state: Mutex<State>,
    condvar: Condvar,
    threads: usize,
}

#[derive(Debug)]
struct State {
    waiting: usize,
    generation: usize,
}

/// See [`std::sync::BarrierWaitResult`].
#[derive(Clone, Copy, Debug)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// Whether the thread came last; of all that waited together one did.
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl Barrier {
    /// A barrier for so many threads.
    pub const fn new(threads: usize) -> Self {
        Barrier { state: Mutex::new(State { waiting: 0, generation: 0 }), condvar: Condvar::new(), threads }
    }

    /// Blocks until as many threads wait.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = state.generation;
        state.waiting += 1;
        if state.waiting >= self.threads {
            state.waiting = 0;
            state.generation = generation.wrapping_add(1);
            self.condvar.notify_all();
            return BarrierWaitResult(true);
        }
        while state.generation == generation {
            state = self.condvar.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        BarrierWaitResult(false)
    }
}
