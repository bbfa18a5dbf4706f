//! Every scenario of a cancellation token, under every interleaving: one named test for each scenario and engine.
//!
//! Put your own type in the place of `Flag`. Its locks, atomics and cells come from `R`, the runtime: on `Std` they are
//! those of the standard library. `cancel` may answer nothing, or whether it was the first.

use cancelproof::model::runtime::Mutex;
use cancelproof::model::shape::{Answer, Token};
use cancelproof::model::{Callback, Runtime};

/// A flag that calls back once it is raised.
struct Flag<R: Runtime>(R::Mutex<State>);

#[derive(Default)]
struct State {
    is_canceled: bool,
    callbacks: Vec<Callback>,
}

impl<R: Runtime> Token<R> for Flag<R> {
    type Registration = ();

    fn new() -> Self {
        Flag(R::Mutex::new(State::default()))
    }

    fn register(&self, callback: Callback) {
        let mut state = self.0.lock();
        if !state.is_canceled {
            state.callbacks.push(callback);
            return;
        }
        drop(state); // Before the callback: it may call the token.
        callback.invoke();
    }

    fn cancel(&self) -> impl Answer {
        let mut state = self.0.lock();
        let is_first = !std::mem::replace(&mut state.is_canceled, true);
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        callbacks.iter().for_each(Callback::invoke);
        is_first
    }

    fn is_canceled(&self) -> bool {
        self.0.lock().is_canceled
    }
}

cancelproof::suite!(Flag<_> as Token);
