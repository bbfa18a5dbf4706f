//! A token keeps the waker of the task that polled first, since the test whether to replace it is the wrong way round.

use super::parts::*;

#[derive(Default)]
struct State {
    is_canceled: bool,
    waker: Option<Waker>,
}

/// A token that one future waits for.
pub(super) struct Canceled<R: Runtime, const FIXED: bool>(R::Mutex<State>);

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Canceled<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Polled<R> for Canceled<R, FIXED> {
    fn new() -> Self {
        Canceled(Mutex::new(State::default()))
    }

    fn poll(&self, waker: &Waker) -> bool {
        let mut state = self.0.lock();
        let is_to_replace = match &state.waker {
            Some(kept) => kept.will_wake(waker) != FIXED,
            None => true,
        };
        let replaced = if is_to_replace { state.waker.replace(waker.clone()) } else { None };
        let is_canceled = state.is_canceled;
        drop(state);
        drop(replaced);
        is_canceled
    }

    fn leave(&self) {
        let waker = self.0.lock().waker.take();
        drop(waker);
    }

    fn wake(&self) {
        let mut state = self.0.lock();
        state.is_canceled = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}
