//! Every scenario of a cancelable request, under every interleaving: one named test for each scenario and engine.
//!
//! Put your own type in the place of `Upload`. Its locks, atomics and cells come from `R`, the runtime: on `Std` they are
//! those of the standard library. A call of yours that returns nothing answers `Untold`.

use cancelproof::model::runtime::Mutex;
use cancelproof::model::*;

/// A request that can be canceled while it is armed.
struct Upload<R: Runtime>(R::Mutex<State>);

struct State {
    phase: Phase,
    is_cancel_asked: bool,
}

enum Phase {
    Idle,
    Armed(Callback),
    Claimed,
    Called,
    Done,
}

impl<R: Runtime> Upload<R> {
    /// Calls back outside of the lock: the callback may call the request.
    fn call(&self, callback: &Callback) {
        self.0.lock().phase = Phase::Called;
        callback.invoke();
    }
}

impl<R: Runtime> CancelableRequest<R> for Upload<R> {
    fn new() -> Self {
        Upload(R::Mutex::new(State { phase: Phase::Idle, is_cancel_asked: false }))
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle if state.is_cancel_asked => state.phase = Phase::Claimed,
            Phase::Idle => {
                state.phase = Phase::Armed(callback);
                return Mark::Marked;
            }
            Phase::Armed(_) => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Claimed | Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Done => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(state);
        self.call(&callback);
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle => Unmark::Refused(Misuse::NotMarked),
            Phase::Armed(_) => {
                let armed = std::mem::replace(&mut state.phase, Phase::Idle);
                drop(state); // Before the callback: its destructor is the caller's code.
                drop(armed);
                Unmark::Unmarked
            }
            Phase::Claimed | Phase::Called => Unmark::Canceled,
            Phase::Done => Unmark::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn cancel(&self) -> Cancel {
        let mut state = self.0.lock();
        state.is_cancel_asked = true;
        match state.phase {
            Phase::Done => Cancel::NotFound,
            Phase::Armed(_) => {
                let armed = std::mem::replace(&mut state.phase, Phase::Claimed);
                drop(state);
                let Phase::Armed(callback) = armed else { return Cancel::NotClaimed };
                self.call(&callback);
                Cancel::Claimed
            }
            _ => Cancel::NotClaimed,
        }
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle | Phase::Called => {
                state.phase = Phase::Done;
                Complete::Completed
            }
            Phase::Armed(_) => Complete::Refused(Misuse::StillCancelable),
            Phase::Claimed => Complete::Refused(Misuse::CallbackPromised),
            Phase::Done => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        let state = self.0.lock();
        match state.phase {
            Phase::Idle if state.is_cancel_asked => IsCanceled::Yes,
            Phase::Done => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::No,
        }
    }
}

cancelproof::suite!(Upload<_>);
