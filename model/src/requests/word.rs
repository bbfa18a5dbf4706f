//! **word**: a request whose whole state is one atomic byte.
//!
//! The byte holds a [`Phase`](state::Phase) and the cancel bit. Every transition is one read-modify-write, so the
//! byte's modification order *is* the history of the request, and each race is decided by who comes first in it.
//!
//! # Access to the slot
//!
//! The callback lies in a cell beside the byte. Who may touch the cell follows from the phase alone:
//!
//! 1. marking: only the thread that reserved the slot, to write it;
//! 2. cancelable, cancel bit clear: nobody;
//! 3. cancelable, cancel bit set: only the canceler that set the bit, or the marker that found it set while
//!    publishing; it owns the cell for good, since no phase leads back;
//! 4. unmarking: only the thread that withdrew the mark, to empty it;
//! 5. every other phase: nobody, except the owner of rule 3.
//!
//! What those rules imply for a step that loses its race: a cancel that comes while the slot is being written or
//! emptied only leaves the bit, and the thread at the slot finds it in its own next step; an unmark that finds the
//! bit set touches nothing; a mark that is not the first touches nothing.
//!
//! # Safety
//!
//! `Word` is `Sync` although the cell is not, because of the rules above: each access to the cell happens between
//! two transitions that only the accessing thread can make.

pub mod state;

use core::marker::PhantomData;

use crate::callback::Callback;
use crate::contract::{Contract, IsCanceledWhileMarked, MarkAfterCancel};
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Atomic, Runtime, UnsafeCell};

use state::{Claim, End, Phase, Publish, Reserve, Transitions, Withdraw, Word as StateWord};

/// The reference request **word**; `P` is the protocol, which only faults replace.
pub struct Word<R: Runtime, P: Protocol = Reference> {
    state: R::AtomicU8,
    slot: R::UnsafeCell<Option<Callback>>,
    contract: Contract,
    protocol: PhantomData<P>,
}

// SAFETY: the callback may be sent between threads, and nothing else in a `Word` is tied to one.
unsafe impl<R: Runtime, P: Protocol> Send for Word<R, P> {}
// SAFETY: the cell is accessed only by the thread that the state word names; see the rules at the head of the module.
unsafe impl<R: Runtime, P: Protocol> Sync for Word<R, P> {}

/// The protocol as it should be.
#[derive(Debug)]
pub struct Reference;

impl Transitions for Reference {}
impl Protocol for Reference {}

impl<R: Runtime, P: Protocol> Word<R, P> {
    /// A pending request that keeps `contract`.
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        Word {
            state: R::AtomicU8::new(StateWord::PENDING.bits()),
            slot: R::UnsafeCell::new(None),
            contract,
            protocol: PhantomData,
        }
    }

    /// The state byte, for protocols that override a call.
    pub fn state(&self) -> &R::AtomicU8 {
        &self.state
    }

    /// Writes the slot. The caller has reserved it.
    fn fill_slot(&self, callback: Callback) {
        // SAFETY: rule 1 at the head of the module: the caller alone may access the cell.
        self.slot.with_mut(|slot| unsafe { *slot = Some(callback) });
    }

    /// Empties the slot. The caller has withdrawn the mark or owns the claim.
    pub(crate) fn empty_slot(&self) -> Option<Callback> {
        // SAFETY: rules 3 and 4 at the head of the module: the caller alone may access the cell.
        self.slot.with_mut(|slot| unsafe { (*slot).take() })
    }

    /// Calls what is in the slot. The caller owns the claim.
    fn invoke_slot(&self) {
        self.slot.with(|slot| {
            // SAFETY: rule 3 at the head of the module: nobody else accesses the cell until the claim's owner
            // empties it, so the reference stays valid while the callback runs.
            if let Some(callback) = unsafe { &*slot } {
                callback.invoke();
            }
        });
    }
}

impl<R: Runtime, P: Protocol> CancelableRequest<R> for Word<R, P> {
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

/// What each call does, built from the [`Transitions`].
pub trait Protocol: Transitions {
    /// Reserves the slot, fills it, and lets cancels see it.
    fn mark<R: Runtime>(request: &Word<R, Self>, callback: Callback) -> Mark {
        match Self::reserve(&request.state) {
            Reserve::Reserved => {
                request.fill_slot(callback);
                Self::publish_mark(request)
            }
            Reserve::CancelAsked => match request.contract.mark_after_cancel {
                MarkAfterCancel::Refuses => Mark::Canceled,
                MarkAfterCancel::CallsBack => {
                    Self::start_unmarked(&request.state);
                    callback.invoke();
                    Mark::Marked
                }
            },
            Reserve::Refused(misuse) => Mark::Refused(misuse),
        }
    }

    /// Makes the filled slot visible, or deals with a cancel that came while it was being filled.
    fn publish_mark<R: Runtime>(request: &Word<R, Self>) -> Mark {
        match (Self::publish(&request.state), request.contract.mark_after_cancel) {
            (Publish::Published, _) => Mark::Marked,
            (Publish::CancelAsked, MarkAfterCancel::CallsBack) => {
                Self::start_reserved(&request.state);
                Self::call_back(request);
                Mark::Marked
            }
            (Publish::CancelAsked, MarkAfterCancel::Refuses) => {
                let callback = request.empty_slot();
                Self::abandon_reservation(&request.state);
                drop(callback);
                Mark::Canceled
            }
        }
    }

    /// Withdraws the mark unless a cancel has claimed it.
    fn unmark<R: Runtime>(request: &Word<R, Self>) -> Unmark {
        match Self::withdraw(&request.state) {
            Withdraw::Withdrawn => {
                let callback = request.empty_slot();
                Self::give_back(&request.state);
                drop(callback);
                Unmark::Unmarked
            }
            Withdraw::Claimed => Unmark::Canceled,
            Withdraw::Refused(misuse) => Unmark::Refused(misuse),
        }
    }

    /// Sets the cancel bit; whoever sets it on a cancelable request calls back.
    fn cancel<R: Runtime>(request: &Word<R, Self>) -> Cancel {
        match Self::claim(&request.state) {
            Claim::Claimed => {
                Self::start_claimed(&request.state);
                Self::call_back(request);
                Cancel::Claimed
            }
            Claim::NotClaimed => Cancel::NotClaimed,
            Claim::NotFound => Cancel::NotFound,
        }
    }

    /// Invokes the callback and releases it. The caller owns the claim.
    fn call_back<R: Runtime>(request: &Word<R, Self>) {
        request.invoke_slot();
        drop(request.empty_slot());
    }

    /// Ends the request unless a callback can still start.
    fn complete<R: Runtime>(request: &Word<R, Self>) -> Complete {
        match Self::end(&request.state) {
            End::Ended => Complete::Completed,
            End::Refused(misuse) => Complete::Refused(misuse),
        }
    }

    /// Reads the cancel bit.
    fn is_canceled<R: Runtime>(request: &Word<R, Self>) -> IsCanceled {
        let word = Self::look(&request.state);
        let while_marked = |misuse| match request.contract.is_canceled_while_marked {
            IsCanceledWhileMarked::AnswersNo => IsCanceled::No,
            IsCanceledWhileMarked::Refuses => IsCanceled::Refused(misuse),
        };
        match word.phase() {
            Phase::Pending if word.is_cancel_asked() => IsCanceled::Yes,
            Phase::Pending => IsCanceled::No,
            Phase::Cancelable if word.is_cancel_asked() => while_marked(Misuse::CancelClaimed),
            Phase::Marking | Phase::Cancelable | Phase::Unmarking => while_marked(Misuse::StillCancelable),
            Phase::Notified => while_marked(Misuse::CancelClaimed),
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
        }
    }
}
