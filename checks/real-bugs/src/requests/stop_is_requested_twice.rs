//! A child that stops and a stop from outside both request the children to stop, even the one that came second.

use super::parts::*;

/// Operations that stop together, with the state that says so.
pub(super) struct WhenAll<R: Runtime, const FIXED: bool> {
    state: R::AtomicU8,
    children: Children<R>,
}

const STARTED: u8 = 0;
const STOPPED: u8 = 1;

pub(super) type Request<R, const FIXED: bool> = AsToken<R, WhenAll<R, FIXED>>;

impl<R: Runtime, const FIXED: bool> Token<R> for WhenAll<R, FIXED> {
    type Registration = ();

    fn new() -> Self {
        WhenAll { state: Atomic::new(STARTED), children: Children::new() }
    }

    fn register(&self, callback: Callback) {
        self.children.add(callback);
    }

    fn cancel(&self) -> impl Answer {
        let before = self.state.swap(STOPPED, AcqRel);
        if before == STARTED || !FIXED {
            self.children.call();
        }
    }

    fn is_canceled(&self) -> bool {
        self.state.load(Acquire) == STOPPED
    }
}
