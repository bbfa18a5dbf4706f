//! The request that has the whims, and would be right without them.

use cancelproof::model::Std;
use cancelproof::model::runtime::{Mutex as _, Runtime};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Status, Unmark,
};
use cancelproof::subject::{Generic, Made};

use crate::whims::at;

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Pending,
    Cancelable,
    Promised,
    Notified,
    Completed,
}

struct State {
    phase: Phase,
    is_asked: bool,
    callback: Option<Callback>,
}

/// The request, which would be right without its whim.
pub(crate) struct Hostile;

struct Request<R: Runtime>(R::Mutex<State>);

impl Generic for Hostile {
    fn name(&self) -> &'static str {
        "hostile"
    }

    fn contract(&self) -> Contract {
        at::<Std>("contract");
        Contract::UMDF_1
    }

    fn make<R: Runtime>(&self) -> Made<R> {
        Box::new(Request::<R>::new())
    }
}

impl<R: Runtime> Drop for Request<R> {
    fn drop(&mut self) {
        at::<R>("drop");
    }
}

impl<R: Runtime> Request<R> {
    fn call_back(&self, callback: &Callback) {
        self.0.lock().phase = Phase::Notified;
        at::<R>("callback");
        callback.invoke();
    }
}

impl<R: Runtime> CancelableRequest<R> for Request<R> {
    fn new() -> Self {
        at::<R>("new");
        Request(R::Mutex::new(State { phase: Phase::Pending, is_asked: false, callback: None }))
    }

    fn mark(&self, callback: Callback) -> Mark {
        at::<R>("mark");
        let mut state = self.0.lock();
        match state.phase {
            Phase::Pending if state.is_asked => state.phase = Phase::Promised,
            Phase::Pending => {
                state.phase = Phase::Cancelable;
                state.callback = Some(callback);
                return Mark::Marked;
            }
            Phase::Cancelable => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Promised | Phase::Notified => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(state);
        self.call_back(&callback);
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        at::<R>("unmark");
        let mut state = self.0.lock();
        match state.phase {
            Phase::Pending => Unmark::Refused(Misuse::NotMarked),
            Phase::Cancelable => {
                state.phase = Phase::Pending;
                let callback = state.callback.take();
                drop(state);
                drop(callback);
                Unmark::Unmarked
            }
            Phase::Promised | Phase::Notified => Unmark::Canceled,
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn cancel(&self) -> Cancel {
        at::<R>("cancel");
        let mut state = self.0.lock();
        state.is_asked = true;
        match state.phase {
            Phase::Completed => Cancel::NotFound,
            Phase::Cancelable => {
                state.phase = Phase::Promised;
                let callback = state.callback.take().expect("a cancelable request has a callback");
                drop(state);
                self.call_back(&callback);
                Cancel::Claimed
            }
            _ => Cancel::NotClaimed,
        }
    }

    fn complete(&self, _status: Status) -> Complete {
        at::<R>("complete");
        let mut state = self.0.lock();
        match state.phase {
            Phase::Pending | Phase::Notified => {
                state.phase = Phase::Completed;
                Complete::Completed
            }
            Phase::Cancelable => Complete::Refused(Misuse::StillCancelable),
            Phase::Promised => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        at::<R>("is-canceled");
        let state = self.0.lock();
        match state.phase {
            Phase::Pending if state.is_asked => IsCanceled::Yes,
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::No,
        }
    }

    fn settle(&self) {
        at::<R>("settle");
    }
}
