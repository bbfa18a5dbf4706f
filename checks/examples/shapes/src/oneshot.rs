//! A channel for one value, whose receiver may lose interest.

use super::sync::{Arc, Condvar, Mutex};

/// Nobody sends any more, or the receiver does not want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// The side that sends once.
pub struct Sender<T>(Arc<Shared<T>>);

/// The side that receives.
pub struct Receiver<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

enum State<T> {
    Open,
    Full(T),
    Closed,
}

/// A channel.
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Shared { state: Mutex::new(State::Open), changed: Condvar::new() });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl<T> Sender<T> {
    /// Sends; gives the value back if the receiver has canceled.
    pub fn send(self, value: T) -> Result<(), T> {
        let mut state = self.0.state.lock().unwrap();
        if matches!(*state, State::Closed) {
            return Err(value);
        }
        *state = State::Full(value);
        drop(state);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap();
        if matches!(*state, State::Open) {
            *state = State::Closed;
            drop(state);
            self.0.changed.notify_one();
        }
    }
}

impl<T> Receiver<T> {
    /// Waits for the value.
    pub fn recv(&self) -> Result<T, Closed> {
        let mut state = self.0.state.lock().unwrap();
        while matches!(*state, State::Open) {
            state = self.0.changed.wait(state).unwrap();
        }
        match std::mem::replace(&mut *state, State::Closed) {
            State::Full(value) => Ok(value),
            State::Open | State::Closed => Err(Closed),
        }
    }

    /// Says that no value is wanted any more. A value that was sent before can still be received.
    pub fn cancel(&self) {
        let mut state = self.0.state.lock().unwrap();
        if matches!(*state, State::Open) {
            *state = State::Closed;
            drop(state);
            self.0.changed.notify_all();
        }
    }
}
