//! A waker is called after the lock was given up under which it is replaced.

use super::parts::*;

#[derive(Default)]
struct State {
    is_sent: bool,
    has_waker: bool,
}

/// A channel whose lock guards the place of its receiver's waker.
pub(super) struct Channel<R: Runtime, const FIXED: bool> {
    state: R::Mutex<State>,
    place: Place<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Channel<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Polled<R> for Channel<R, FIXED> {
    fn new() -> Self {
        Channel { state: Mutex::new(State::default()), place: Place::new() }
    }

    fn poll(&self, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.is_sent && FIXED {
            return true;
        }
        let is_sent = state.is_sent;
        state.has_waker = true;
        let replaced = self.place.take();
        self.place.put(waker.clone());
        drop(state);
        drop(replaced);
        is_sent
    }

    fn leave(&self) {
        let state = self.state.lock();
        let waker = self.place.take();
        drop(state);
        drop(waker);
    }

    fn wake(&self) {
        let mut state = self.state.lock();
        let is_first = !std::mem::replace(&mut state.is_sent, true);
        let has_waker = is_first && std::mem::take(&mut state.has_waker);
        let mut waker = if FIXED { self.place.take() } else { None };
        drop(state);
        if !FIXED && has_waker {
            waker = self.place.take();
        }
        waker.into_iter().for_each(Waker::wake);
    }
}
