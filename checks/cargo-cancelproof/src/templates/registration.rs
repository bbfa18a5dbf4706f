//! Every scenario of registrations that end with their guard, under every interleaving: one named test for each scenario
//! and engine.
//!
//! Put your own type in the place of `Registry`. Its locks, atomics and cells come from `R`, the runtime: on `Std` they are
//! those of the standard library.

use cancelproof::model::runtime::{Arc, Mutex};
use cancelproof::model::shape::{Answer, Registration};
use cancelproof::model::{Callback, Runtime};

/// Callbacks that a cancel calls, each until its guard is dropped.
struct Registry<R: Runtime>(R::Arc<R::Mutex<State>>);

#[derive(Default)]
struct State {
    is_canceled: bool,
    last: u64,
    callbacks: Vec<(u64, Callback)>,
}

/// Takes the registration back when it is dropped.
struct Guard<R: Runtime> {
    state: R::Arc<R::Mutex<State>>,
    number: u64,
}

impl<R: Runtime> Drop for Guard<R> {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        let place = state.callbacks.iter().position(|(number, _)| *number == self.number);
        let taken = place.map(|place| state.callbacks.remove(place));
        drop(state); // Before the callback: its destructor is the caller's code.
        drop(taken);
    }
}

impl<R: Runtime> Registration<R> for Registry<R> {
    type Handle = Guard<R>;

    fn new() -> Self {
        Registry(R::Arc::new(R::Mutex::new(State::default())))
    }

    fn register(&self, callback: Callback) -> Guard<R> {
        let mut state = self.0.lock();
        state.last += 1;
        let number = state.last;
        if state.is_canceled {
            drop(state);
            callback.invoke();
        } else {
            state.callbacks.push((number, callback));
        }
        Guard { state: self.0.clone(), number }
    }

    fn cancel(&self) -> impl Answer {
        let mut state = self.0.lock();
        state.is_canceled = true;
        let callbacks = std::mem::take(&mut state.callbacks);
        drop(state);
        callbacks.iter().for_each(|(_, callback)| callback.invoke());
    }
}

cancelproof::suite!(Registry<_> as Registration);
