//! **locked**: a mutex around everything, never held while calling back.
//!
//! Each call is one critical section, so the request is the machine by construction. The one thing to get right is
//! what happens outside the lock: callbacks are invoked, and callback objects dropped, only after it was released,
//! because both run code of the driver's that may call the request again.

use core::marker::PhantomData;
use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::{Contract, IsCanceledWhileMarked, MarkAfterCancel};
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Mutex, Runtime};

/// The reference request **locked**; `P` is the protocol, which only faults replace.
pub struct Locked<R: Runtime, P: Protocol = Reference> {
    inner: R::Mutex<Inner>,
    contract: Contract,
    protocol: PhantomData<P>,
}

/// The protocol as it should be.
#[derive(Debug)]
pub struct Reference;

impl Protocol for Reference {}

/// Where the request is; the same words as in [`State`](crate::machine::State).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not marked.
    Pending,
    /// Marked; the callback is stored.
    Cancelable,
    /// Claimed; the callback has not been started.
    Promised,
    /// The callback has been started.
    Notified,
    /// Ended.
    Completed,
}

/// What the lock guards.
#[derive(Debug)]
pub struct Inner {
    /// Where the request is.
    pub phase: Phase,
    /// Whether a cancel was asked for; never cleared.
    pub cancel_asked: bool,
    /// The callback, while the request is cancelable.
    pub callback: Option<Arc<Callback>>,
}

impl<R: Runtime, P: Protocol> Locked<R, P> {
    /// A pending request that keeps `contract`.
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        let inner = Inner { phase: Phase::Pending, cancel_asked: false, callback: None };
        Locked { inner: R::Mutex::new(inner), contract, protocol: PhantomData }
    }

    /// The lock, for protocols that override a call.
    pub fn inner(&self) -> &R::Mutex<Inner> {
        &self.inner
    }
}

impl<R: Runtime, P: Protocol> CancelableRequest<R> for Locked<R, P> {
    #[track_caller]
    fn new() -> Self {
        Self::with_contract(Contract::UMDF_1)
    }

    fn mark(&self, callback: Callback) -> Mark {
        P::mark(self, callback)
    }

    fn unmark(&self) -> Unmark {
        P::unmark(self)
    }

    fn cancel(&self) -> Cancel {
        P::cancel(self)
    }

    fn complete(&self, _status: Status) -> Complete {
        P::complete(self)
    }

    fn is_canceled(&self) -> IsCanceled {
        P::is_canceled(self)
    }
}

/// The calls, one critical section each.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Stores the callback, or calls it back if a cancel was asked for before.
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.inner.lock();
        match (inner.phase, request.contract.mark_after_cancel) {
            (Phase::Pending, _) if !inner.cancel_asked => {
                inner.phase = Phase::Cancelable;
                inner.callback = Some(Arc::new(callback));
                return Mark::Marked;
            }
            (Phase::Pending, MarkAfterCancel::CallsBack) => inner.phase = Phase::Promised,
            (Phase::Pending, MarkAfterCancel::Refuses) => return Mark::Canceled,
            (Phase::Cancelable, _) => return Mark::Refused(Misuse::AlreadyMarked),
            (Phase::Promised | Phase::Notified, _) => return Mark::Refused(Misuse::CancelClaimed),
            (Phase::Completed, _) => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(inner);
        Self::call_back(request, Arc::new(callback));
        Mark::Marked
    }

    /// Takes the callback back, if it is still there.
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        let mut inner = request.inner.lock();
        let callback = inner.callback.clone();
        let answer = Self::withdraw(&mut inner);
        drop(inner);
        drop(callback);
        answer
    }

    /// What unmark does under the lock. The caller keeps a reference to the callback until it has let go of the
    /// lock, so that the object is not destroyed under it.
    fn withdraw(inner: &mut Inner) -> Unmark {
        match inner.phase {
            Phase::Pending => Unmark::Refused(Misuse::NotMarked),
            Phase::Promised | Phase::Notified => Unmark::Canceled,
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Cancelable => {
                inner.phase = Phase::Pending;
                inner.callback = None;
                Unmark::Unmarked
            }
        }
    }

    /// Claims a cancelable request and calls back.
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner.lock();
        inner.cancel_asked = true;
        match inner.phase {
            Phase::Completed => return Cancel::NotFound,
            Phase::Cancelable => {}
            Phase::Pending | Phase::Promised | Phase::Notified => return Cancel::NotClaimed,
        }
        let callback = Self::claim(&mut inner);
        drop(inner);
        if let Some(callback) = callback {
            Self::call_back(request, callback);
        }
        Cancel::Claimed
    }

    /// What the canceler that finds the request cancelable does under the lock: the callback is its own now.
    fn claim(inner: &mut Inner) -> Option<Arc<Callback>> {
        inner.phase = Phase::Promised;
        inner.callback.take()
    }

    /// Says that the callback has started, and calls it. The caller owns the callback and does not hold the lock.
    fn call_back<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        request.inner.lock().phase = Phase::Notified;
        callback.invoke();
    }

    /// Ends the request unless a callback can still start.
    fn complete<R: Runtime>(request: &Locked<R, Self>) -> Complete {
        let mut inner = request.inner.lock();
        match inner.phase {
            Phase::Cancelable => return Complete::Refused(Misuse::StillCancelable),
            Phase::Promised => return Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => return Complete::Refused(Misuse::AlreadyCompleted),
            Phase::Pending | Phase::Notified => inner.phase = Phase::Completed,
        }
        Complete::Completed
    }

    /// Reads the cancel flag.
    fn is_canceled<R: Runtime>(request: &Locked<R, Self>) -> IsCanceled {
        let inner = request.inner.lock();
        let while_marked = |misuse| match request.contract.is_canceled_while_marked {
            IsCanceledWhileMarked::AnswersNo => IsCanceled::No,
            IsCanceledWhileMarked::Refuses => IsCanceled::Refused(misuse),
        };
        match inner.phase {
            Phase::Pending if inner.cancel_asked => IsCanceled::Yes,
            Phase::Pending => IsCanceled::No,
            Phase::Cancelable => while_marked(Misuse::StillCancelable),
            Phase::Promised | Phase::Notified => while_marked(Misuse::CancelClaimed),
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
        }
    }
}
