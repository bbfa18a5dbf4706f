//! A waiter resets the baton that others post, and with it a post that it has not seen.

use super::parts::*;

#[derive(Default)]
struct State {
    is_posted: bool,
    waker: Option<Waker>,
}

/// A baton, which is posted once.
pub(super) struct Baton<R: Runtime, const FIXED: bool>(R::Mutex<State>);

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Baton<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Polled<R> for Baton<R, FIXED> {
    fn new() -> Self {
        Baton(Mutex::new(State::default()))
    }

    fn poll(&self, waker: &Waker) -> bool {
        if self.0.lock().is_posted {
            return true;
        }
        let mut state = self.0.lock();
        if !FIXED {
            // It was not posted a moment ago, so it may be made ready for the next post.
            state.is_posted = false;
        }
        let is_posted = state.is_posted;
        let replaced = state.waker.replace(waker.clone());
        drop(state);
        drop(replaced);
        is_posted
    }

    fn leave(&self) {
        let waker = self.0.lock().waker.take();
        drop(waker);
    }

    fn wake(&self) {
        let mut state = self.0.lock();
        state.is_posted = true;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}
