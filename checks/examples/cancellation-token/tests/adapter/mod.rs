//! The adapter: an operation that is canceled by its token. To mark it is to poll the token's future once with a waker that
//! calls back.
//!
//! The contract is that of .NET's `Unregister`: the waker is woken in the call to `cancel`, at once if there was one, and
//! nobody waits for it. A future that is dropped does not say whether its waker was taken before, so the adapter itself settles
//! between unmark and a waker on its way. It does not hide a second wake: that would be a second call of the callback.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Runtime, Status,
    Unmark,
};

use super::sync::Mutex;
use super::{CancellationToken, Platform};

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Unmarked,
    Marked,
    Called,
    Completed,
}

struct State {
    phase: Phase,
    /// How many marks were taken back. A waker of one of them calls nobody.
    taken_back: usize,
    /// The thread whose cancel has called back, until that cancel returns.
    called_by: Option<usize>,
}

/// The operation.
pub struct Operation {
    token: CancellationToken,
    state: Arc<Mutex<State>>,
    /// Beside the state and not in it, as it leads to the waker and the waker to the state.
    waits: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

struct Registration {
    callback: Callback,
    /// How many marks had been taken back before.
    after: usize,
    state: Arc<Mutex<State>>,
}

impl Registration {
    /// Calls back, unless the mark was taken back; whether it did.
    fn call(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        if state.taken_back != self.after {
            return false;
        }
        state.phase = Phase::Called;
        drop(state);
        self.callback.invoke();
        true
    }
}

impl Wake for Registration {
    fn wake(self: Arc<Self>) {
        if self.call() {
            self.state.lock().unwrap().called_by = Some(Platform::current_number());
        }
    }
}

impl CancelableRequest<Platform> for Operation {
    fn new() -> Self {
        let state = State { phase: Phase::Unmarked, taken_back: 0, called_by: None };
        Operation {
            token: CancellationToken::new(),
            state: Arc::new(Mutex::new(state)),
            waits: Mutex::new(None),
        }
    }

    fn contract() -> Contract {
        Contract::DOTNET_UNREGISTER
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut state = self.state.lock().unwrap();
        match state.phase {
            Phase::Unmarked => state.phase = Phase::Marked,
            Phase::Marked if !self.token.is_cancelled() => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Marked | Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        let after = state.taken_back;
        drop(state);
        let registration = Arc::new(Registration { callback, after, state: Arc::clone(&self.state) });
        let waker = Waker::from(Arc::clone(&registration));
        let mut waits = Box::pin(self.token.clone().cancelled_owned());
        match waits.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => {
                // Another driver may have taken the mark back meanwhile, which is a misuse but must not leak.
                let state = self.state.lock().unwrap();
                if state.taken_back == after {
                    *self.waits.lock().unwrap() = Some(waits);
                }
            }
            Poll::Ready(()) => {
                registration.call();
            }
        }
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        let mut state = self.state.lock().unwrap();
        match state.phase {
            Phase::Unmarked => return Unmark::Refused(Misuse::NotMarked),
            Phase::Completed => return Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Marked if !self.token.is_cancelled() => {}
            Phase::Marked | Phase::Called => return Unmark::Canceled,
        }
        state.phase = Phase::Unmarked;
        state.taken_back += 1;
        drop(state);
        let waits = self.waits.lock().unwrap().take();
        drop(waits);
        Unmark::Unmarked
    }

    fn cancel(&self) -> Cancel {
        self.token.cancel();
        let mut state = self.state.lock().unwrap();
        if state.called_by == Some(Platform::current_number()) {
            state.called_by = None;
            Cancel::Claimed
        } else {
            Cancel::NotClaimed
        }
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut state = self.state.lock().unwrap();
        match state.phase {
            Phase::Unmarked | Phase::Called => {
                state.phase = Phase::Completed;
                Complete::Completed
            }
            Phase::Marked if !self.token.is_cancelled() => Complete::Refused(Misuse::StillCancelable),
            Phase::Marked => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        match self.state.lock().unwrap().phase {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ if self.token.is_cancelled() => IsCanceled::Yes,
            _ => IsCanceled::No,
        }
    }
}
