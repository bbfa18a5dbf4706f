//! A receive registers its waker and is dropped; the next receive finds a waker there and keeps the old one.

use super::parts::*;

#[derive(Default)]
struct State {
    is_sent: bool,
    waker: Option<Waker>,
}

/// A channel whose message wakes whoever receives.
pub(super) struct Channel<R: Runtime, const FIXED: bool>(R::Mutex<State>);

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Channel<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Polled<R> for Channel<R, FIXED> {
    fn new() -> Self {
        Channel(Mutex::new(State::default()))
    }

    fn poll(&self, waker: &Waker) -> bool {
        let mut state = self.0.lock();
        if state.is_sent {
            return true;
        }
        let is_kept = state.waker.is_some() && !FIXED;
        let replaced = if is_kept { None } else { state.waker.replace(waker.clone()) };
        drop(state);
        drop(replaced);
        false
    }

    /// Dropping a receive leaves its waker behind: the next one is to replace it.
    fn leave(&self) {}

    fn wake(&self) {
        let mut state = self.0.lock();
        state.is_sent = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}
