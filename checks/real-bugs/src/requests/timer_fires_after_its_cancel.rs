//! A timer that has expired and was canceled is called all the same, since its call was queued.

use super::parts::*;

#[derive(Default)]
struct State {
    has_expired: bool,
    timer: Option<Callback>,
    is_known: bool,
    queued: Option<Callback>,
}

/// A loop with one timer at a time. That it expires is the cancel here, and that the timer is cleared takes the registration back.
pub(super) struct Loop<R: Runtime, const FIXED: bool>(R::Mutex<State>);

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Loop<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Loop<R, FIXED> {
    /// Runs the call that was queued, if it is still wanted.
    fn run_queued(&self) {
        let mut state = self.0.lock();
        let queued = state.queued.take();
        let is_wanted = std::mem::take(&mut state.is_known) || !FIXED;
        drop(state);
        if is_wanted {
            queued.iter().for_each(Callback::invoke);
        }
    }
}

impl<R: Runtime, const FIXED: bool> Slot<R> for Loop<R, FIXED> {
    type Own = ();
    type Told = bool;

    const CONTRACT: Contract = REGISTRATION;

    fn new() -> Self {
        Loop(Mutex::new(State::default()))
    }

    fn register(&self, callback: Callback) {
        let mut state = self.0.lock();
        state.is_known = true;
        if state.has_expired {
            state.queued = Some(callback);
            drop(state);
            self.run_queued();
        } else {
            state.timer = Some(callback);
        }
    }

    fn deregister(&self, (): ()) -> bool {
        let mut state = self.0.lock();
        let was_known = std::mem::take(&mut state.is_known);
        let timer = (state.timer.take(), if FIXED { state.queued.take() } else { None });
        drop(state);
        drop(timer);
        was_known
    }

    fn cancel(&self) {
        let mut state = self.0.lock();
        state.has_expired = true;
        let Some(timer) = state.timer.take() else { return };
        state.queued = Some(timer);
        drop(state);
        self.run_queued();
    }
}
