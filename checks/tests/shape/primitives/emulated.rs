//! The same things made of a lock and a condition variable.

use std::collections::VecDeque;
use std::sync::Arc;

use cancelproof::sync::controlled::{Condvar, Mutex};

#[derive(Clone, Copy, Default, PartialEq)]
enum Made {
    #[default]
    Not,
    Now,
    Is(usize),
}

/// A value that is made once.
#[derive(Default)]
pub(super) struct Once(Mutex<Made>, Condvar);

impl Once {
    pub(super) fn get(&self) -> Option<usize> {
        if let Made::Is(value) = *self.0.lock().unwrap() { Some(value) } else { None }
    }

    pub(super) fn get_or_init(&self, make: impl FnOnce() -> usize) -> usize {
        let mut state = self.1.wait_while(self.0.lock().unwrap(), |state| *state == Made::Now).unwrap();
        if let Made::Is(value) = *state {
            return value;
        }
        *state = Made::Now;
        drop(state);
        let value = make();
        *self.0.lock().unwrap() = Made::Is(value);
        self.1.notify_all();
        value
    }
}

/// How many wait, and how often all have come.
pub(super) struct Barrier(Mutex<(usize, usize)>, Condvar, usize);

impl Barrier {
    pub(super) fn new(threads: usize) -> Self {
        Barrier(Mutex::new((0, 0)), Condvar::new(), threads)
    }

    pub(super) fn wait(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        state.0 += 1;
        if state.0 == self.2 {
            *state = (0, state.1 + 1);
            self.1.notify_all();
            return true;
        }
        let round = state.1;
        drop(self.1.wait_while(state, |state| state.1 == round).unwrap());
        false
    }
}

struct State {
    values: VecDeque<usize>,
    senders: usize,
    receives: bool,
}

/// A queue under a lock, with or without a limit.
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    room: usize,
}

pub(super) struct Sender(Arc<Queue>);

pub(super) struct Receiver(Arc<Queue>);

pub(super) fn channel(room: usize) -> (Sender, Receiver) {
    let state = Mutex::new(State { values: VecDeque::new(), senders: 1, receives: true });
    let queue = Arc::new(Queue { state, changed: Condvar::new(), room });
    (Sender(Arc::clone(&queue)), Receiver(queue))
}

impl Sender {
    pub(super) fn send(&self, value: usize) -> bool {
        let full = |state: &mut State| state.receives && state.values.len() >= self.0.room;
        let mut state = self.0.changed.wait_while(self.0.state.lock().unwrap(), full).unwrap();
        state.values.push_back(value);
        self.0.changed.notify_all();
        state.receives
    }

    pub(super) fn try_send(&self, value: usize) -> Option<bool> {
        let mut state = self.0.state.lock().unwrap();
        if !state.receives {
            return None;
        }
        let has_room = state.values.len() < self.0.room;
        if has_room {
            state.values.push_back(value);
            self.0.changed.notify_all();
        }
        Some(has_room)
    }
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        self.0.state.lock().unwrap().senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().senders -= 1;
        self.0.changed.notify_all();
    }
}

impl Receiver {
    pub(super) fn recv(&self) -> Option<usize> {
        let empty = |state: &mut State| state.values.is_empty() && state.senders > 0;
        let mut state = self.0.changed.wait_while(self.0.state.lock().unwrap(), empty).unwrap();
        self.0.changed.notify_all();
        state.values.pop_front()
    }

    /// The value, or whether one may come.
    pub(super) fn try_recv(&self) -> Result<usize, bool> {
        let mut state = self.0.state.lock().unwrap();
        let senders = state.senders;
        self.0.changed.notify_all();
        state.values.pop_front().ok_or(senders > 0)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().receives = false;
        self.0.changed.notify_all();
    }
}
