//! **locked**: a mutex around everything, never held while calling back.
//!
//! Each call is one critical section, so the request is the machine by construction. The one thing to get right is
//! what happens outside the lock: callbacks are invoked, and callback objects dropped, only after it was released,
//! because both run code of the driver's that may call the request again.

mod further;

use core::marker::PhantomData;
use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::{CallbackRuns, Contract, IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim};
use crate::machine::{Misuse, answer_of_cancel, answer_of_late_cancel};
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Condvar, Mutex, MutexGuard, Runtime, Thread};

use super::turnstile::call_and_finish;

/// The reference request **locked**; `P` is the protocol, which only faults replace.
pub struct Locked<R: Runtime, P: Protocol = Reference> {
    /// Shared with the threads of callbacks that run on threads of their own.
    shared: Arc<Shared<R>>,
    contract: Contract,
    /// Whether this is the request itself, and not what the thread of a callback has of it.
    is_whole: bool,
    protocol: PhantomData<P>,
}

struct Shared<R: Runtime> {
    inner: R::Mutex<Inner<R>>,
    /// What is waited on for a callback to return: by unmarks, under contracts whose unmark waits, and at the end, where
    /// callbacks run on threads of their own.
    returned: Option<R::Condvar>,
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
    /// The callback has returned; written only where somebody may wait for it.
    Returned,
    /// Ended.
    Completed,
}

/// What the lock guards.
#[derive(Debug)]
pub struct Inner<R: Runtime> {
    /// Where the request is.
    pub phase: Phase,
    /// Whether a cancel was asked for; never cleared.
    pub cancel_asked: bool,
    /// The callback, while the request is cancelable.
    pub callback: Option<Arc<Callback>>,
    /// The thread that the callback runs on, while it runs and somebody may wait for it.
    pub runner: Option<R::Thread>,
}

impl<R: Runtime> Inner<R> {
    /// Whether a callback is owed or runs, and not on the calling thread.
    pub fn is_called_back_elsewhere(&self) -> bool {
        let is_here = self.runner.as_ref().is_some_and(|runner| runner.is_same(&R::current()));
        // Where marks after a claim stand anew, the callback of the claim may still run.
        let runs_on = self.phase == Phase::Cancelable && self.runner.is_some();
        (matches!(self.phase, Phase::Promised | Phase::Notified) || runs_on) && !is_here
    }

    /// Stores the callback of a mark.
    pub fn arm(&mut self, callback: Callback) {
        self.phase = Phase::Cancelable;
        self.callback = Some(Arc::new(callback));
    }
}

impl<R: Runtime, P: Protocol> Locked<R, P> {
    /// A pending request that keeps `contract`.
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        let inner = Inner { phase: Phase::Pending, cancel_asked: false, callback: None, runner: None };
        let shared = Shared {
            inner: R::Mutex::new(inner),
            returned: Self::minds_callbacks(&contract).then(R::Condvar::new),
        };
        Locked { shared: Arc::new(shared), contract, is_whole: true, protocol: PhantomData }
    }

    /// The same request, for the thread of a callback.
    pub(crate) fn share(&self) -> Self {
        self.share_as()
    }

    /// The same request with another protocol, for protocols that change what the other answers.
    pub(crate) fn share_as<Q: Protocol>(&self) -> Locked<R, Q> {
        let (shared, contract) = (Arc::clone(&self.shared), self.contract);
        Locked { shared, contract, is_whole: false, protocol: PhantomData }
    }

    /// Whether anybody has to know on which thread the callback runs.
    fn minds_callbacks(contract: &Contract) -> bool {
        contract.unmark_waits()
            || contract.cancel_waits()
            || contract.rearms()
            || Self::has_threads(contract)
            || Self::completes_late(contract)
    }

    /// Whether a completion waits for the callback.
    fn completes_late(contract: &Contract) -> bool {
        contract.completion_waits() || (contract.completion_disarms() && !contract.cancel_completes())
    }

    fn has_threads(contract: &Contract) -> bool {
        contract.callback_runs == CallbackRuns::OnItsOwnThread
    }

    /// The lock, for protocols that override a call.
    #[must_use]
    pub fn inner(&self) -> &R::Mutex<Inner<R>> {
        &self.shared.inner
    }

    /// What unmarks wait on, for protocols that override a call.
    #[must_use]
    pub fn returned(&self) -> Option<&R::Condvar> {
        self.shared.returned.as_ref()
    }

    /// The contract, for protocols that override a call.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.contract
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

    fn settle(&self) {
        if let Some(returned) = self.returned().filter(|_| Self::has_threads(&self.contract)) {
            let mut inner = self.inner().lock();
            while inner.phase == Phase::Promised || inner.runner.is_some() {
                inner = returned.wait(inner);
            }
        }
    }
}

/// The calls, one critical section each.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Stores the callback, or calls it back if a cancel was asked for before.
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.shared.inner.lock();
        match (inner.phase, request.contract.mark_after_claim) {
            (Phase::Pending, _) if !inner.cancel_asked => {
                inner.arm(callback);
                return Mark::Marked;
            }
            (Phase::Pending, _) => {}
            (Phase::Notified | Phase::Returned, MarkAfterClaim::Rearms) if !inner.cancel_asked => {
                inner.arm(callback);
                return Mark::Marked;
            }
            (Phase::Notified | Phase::Returned, MarkAfterClaim::Rearms) => {}
            (Phase::Cancelable, _) if request.contract.marks_replace() => {
                return further::replace::<R>(inner, callback);
            }
            (Phase::Promised | Phase::Notified | Phase::Returned, MarkAfterClaim::AnswersCanceled) => {
                return Mark::Canceled;
            }
            (Phase::Promised | Phase::Notified | Phase::Returned, MarkAfterClaim::Ignores) => {
                return Mark::Marked;
            }
            (Phase::Promised | Phase::Notified | Phase::Returned, MarkAfterClaim::CallsBack) => {
                drop(inner);
                return further::call_beside::<R>(callback);
            }
            _ => return Mark::Refused(Self::why_not_markable(inner.phase)),
        }
        match request.contract.mark_after_cancel {
            MarkAfterCancel::Refuses => Mark::Canceled,
            // Whoever marks so late is not called: the object is given back at once.
            MarkAfterCancel::Ignores => Mark::Marked,
            MarkAfterCancel::CallsBack => {
                inner.phase = Phase::Promised;
                inner.spend(&request.contract);
                drop(inner);
                Self::call_back(request, Arc::new(callback));
                Mark::Marked
            }
        }
    }

    /// Which misuse a mark is in a phase that is not pending.
    #[must_use]
    fn why_not_markable(phase: Phase) -> Misuse {
        match phase {
            Phase::Pending | Phase::Cancelable => Misuse::AlreadyMarked,
            Phase::Promised | Phase::Notified | Phase::Returned => Misuse::CancelClaimed,
            Phase::Completed => Misuse::AlreadyCompleted,
        }
    }

    /// Takes the callback back, if it is still there.
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        if !request.contract.offers_unmark() {
            return Unmark::Refused(Misuse::NotOffered);
        }
        let mut inner = Self::lock_for_unmark(request);
        let callback = inner.callback.clone();
        let answer = Self::withdraw(&mut inner);
        drop(inner);
        drop(callback);
        further::answer_of_unmark(request.contract(), answer)
    }

    /// Takes the lock, and where the contract says so waits until no callback is owed or runs elsewhere.
    #[must_use]
    fn lock_for_unmark<R: Runtime>(request: &Locked<R, Self>) -> MutexGuard<'_, R, Inner<R>> {
        let mut inner = request.shared.inner.lock();
        if let Some(returned) = request.returned().filter(|_| request.contract.unmark_waits()) {
            while inner.is_called_back_elsewhere() {
                inner = returned.wait(inner);
            }
        }
        inner
    }

    /// What unmark does under the lock. The caller keeps a reference to the callback until it has let go of the
    /// lock, so that the object is not destroyed under it.
    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match inner.phase {
            Phase::Pending => Unmark::Refused(Misuse::NotMarked),
            Phase::Promised | Phase::Notified | Phase::Returned => Unmark::Canceled,
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
        let mut inner = request.shared.inner.lock();
        let is_first = !inner.cancel_asked;
        if request.contract.remembers_cancel() {
            Self::remember_cancel(&mut inner);
        }
        let (phase, contract) = (inner.phase, request.contract());
        if phase != Phase::Cancelable {
            if phase == Phase::Completed && contract.calls_back_after_completion() {
                return further::call_late::<R>(inner, contract, is_first);
            }
            further::wait_to_return(request, inner);
            return match phase {
                Phase::Completed => answer_of_late_cancel(contract, is_first),
                _ => answer_of_cancel(contract, is_first, false),
            };
        }
        let callback = Self::claim(&mut inner);
        inner.spend(&request.contract);
        drop(inner);
        if let Some(callback) = callback {
            Self::call_back(request, callback);
        }
        further::wait_for_return(request);
        answer_of_cancel(contract, is_first, true)
    }

    /// Leaves the cancel for a mark that is still to come.
    fn remember_cancel<R: Runtime>(inner: &mut Inner<R>) {
        inner.cancel_asked = true;
    }

    /// What the canceler that finds the request cancelable does under the lock: the callback is its own now.
    fn claim<R: Runtime>(inner: &mut Inner<R>) -> Option<Arc<Callback>> {
        inner.phase = Phase::Promised;
        inner.callback.take()
    }

    /// Calls back where the contract says. The caller owns the callback and does not hold the lock.
    fn call_back<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        if Locked::<R, Self>::has_threads(&request.contract) {
            let shared = request.share();
            // Nobody joins the thread; `settle` waits for what it does.
            drop(R::spawn(move || Self::call_back_here(&shared, callback)));
        } else {
            Self::call_back_here(request, callback);
        }
    }

    /// Calls back on the calling thread, and lets unmarks that wait go on.
    fn call_back_here<R: Runtime>(request: &Locked<R, Self>, callback: Arc<Callback>) {
        Self::announce_call(request);
        let target = callback.target();
        call_and_finish::<R>(
            || target.invoke(),
            || {
                drop(callback);
                Self::announce_return(request);
            },
        );
    }

    /// Says that the callback has started.
    fn announce_call<R: Runtime>(request: &Locked<R, Self>) {
        let mut inner = further::lock_when_alone(request);
        inner.phase = Phase::Notified;
        if request.shared.returned.is_some() {
            inner.runner = Some(R::current());
        }
    }

    /// Says that the callback has returned, where somebody may wait for it.
    fn announce_return<R: Runtime>(request: &Locked<R, Self>) {
        let Some(returned) = &request.shared.returned else { return };
        let mut inner = request.shared.inner.lock();
        inner.runner = None;
        if inner.phase == Phase::Notified {
            inner.phase = Phase::Returned;
        }
        drop(inner);
        returned.notify_all();
    }

    /// Ends the request unless a callback can still start.
    fn complete<R: Runtime>(request: &Locked<R, Self>) -> Complete {
        let mut inner = Self::lock_to_complete(request);
        let callback = inner.callback.clone();
        let answer = Self::end(&mut inner, &request.contract);
        drop(inner);
        drop(callback);
        answer
    }

    /// Takes the lock, and waits until no callback is owed or runs elsewhere: where the contract says so, and wherever a
    /// marked request may be completed by right, since whoever does so cannot know that it was canceled, and must not take
    /// away what the callback uses.
    #[must_use]
    fn lock_to_complete<R: Runtime>(request: &Locked<R, Self>) -> MutexGuard<'_, R, Inner<R>> {
        let mut inner = request.shared.inner.lock();
        if let Some(returned) =
            request.returned().filter(|_| Locked::<R, Self>::completes_late(&request.contract))
        {
            while inner.is_called_back_elsewhere() {
                inner = returned.wait(inner);
            }
        }
        inner
    }

    /// What complete does under the lock. The caller keeps a reference to the callback, as for
    /// [`Protocol::withdraw`].
    fn end<R: Runtime>(inner: &mut Inner<R>, contract: &Contract) -> Complete {
        if contract.cancel_completes() && inner.cancel_asked && inner.phase != Phase::Completed {
            return Complete::Canceled;
        }
        match inner.phase {
            Phase::Cancelable if contract.completion_disarms() => {
                inner.phase = Phase::Completed;
                if !contract.calls_back_after_completion() {
                    inner.callback = None;
                }
                Complete::Completed
            }
            Phase::Cancelable => Complete::Refused(Misuse::StillCancelable),
            Phase::Promised => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
            Phase::Pending | Phase::Notified | Phase::Returned => {
                inner.phase = Phase::Completed;
                Complete::Completed
            }
        }
    }

    /// Reads the cancel flag.
    fn is_canceled<R: Runtime>(request: &Locked<R, Self>) -> IsCanceled {
        let inner = request.shared.inner.lock();
        let while_marked = |misuse| match request.contract.is_canceled_while_marked {
            IsCanceledWhileMarked::AnswersNo => IsCanceled::No,
            IsCanceledWhileMarked::Refuses => IsCanceled::Refused(misuse),
            IsCanceledWhileMarked::Tells if misuse == Misuse::CancelClaimed => IsCanceled::Yes,
            IsCanceledWhileMarked::Tells => IsCanceled::No,
        };
        match inner.phase {
            Phase::Pending if inner.cancel_asked => IsCanceled::Yes,
            Phase::Pending => IsCanceled::No,
            Phase::Cancelable => while_marked(Misuse::StillCancelable),
            Phase::Promised | Phase::Notified | Phase::Returned => while_marked(Misuse::CancelClaimed),
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
        }
    }
}
