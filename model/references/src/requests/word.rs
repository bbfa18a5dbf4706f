//! **word**: a request whose whole state is one atomic byte.
//!
//! The byte holds a [`Phase`] and the cancel bit. Every transition is one read-modify-write, so the
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
//! 5. every other phase: nobody, except the owner of rule 3, and the thread whose completion ended the cancelable
//!    phase, to empty it.
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

use crate::callback::{Callback, Target};
use crate::contract::{Contract, IsCanceledWhileMarked, MarkAfterCancel};
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Atomic, Runtime, UnsafeCell};

use super::turnstile::{Turnstile, call_and_finish};
use state::{Claim, Disarm, End, Phase, Publish, Reserve, Transitions, Withdraw, Word as StateWord};

/// The reference request **word**; `P` is the protocol, which only faults replace.
pub struct Word<R: Runtime, P: Protocol = Reference> {
    state: R::AtomicU8,
    slot: R::UnsafeCell<Option<Callback>>,
    turnstile: Option<Turnstile<R>>,
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
    ///
    /// # Panics
    ///
    /// Panics if the contract needs more than [one word](Contract::is_of_one_word).
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        assert!(contract.is_of_one_word(), "the request word cannot keep the contract {contract}");
        Word {
            state: R::AtomicU8::new(StateWord::PENDING.bits()),
            slot: R::UnsafeCell::new(None),
            turnstile: Turnstile::for_contract(&contract),
            contract,
            protocol: PhantomData,
        }
    }

    /// The state byte, for protocols that override a call.
    pub fn state(&self) -> &R::AtomicU8 {
        &self.state
    }

    /// Where unmarks wait, for protocols that override a call.
    pub(crate) fn turnstile(&self) -> Option<&Turnstile<R>> {
        self.turnstile.as_ref()
    }

    /// The contract, for protocols that override a call.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Writes the slot. The caller has reserved it.
    pub(crate) fn fill_slot(&self, callback: Callback) {
        // SAFETY: rule 1 at the head of the module: the caller alone may access the cell.
        self.slot.with_mut(|slot| unsafe { *slot = Some(callback) });
    }

    /// Empties the slot. The caller has withdrawn the mark, ended it, or owns the claim.
    pub(crate) fn empty_slot(&self) -> Option<Callback> {
        // SAFETY: rules 3 to 5 at the head of the module: the caller alone may access the cell.
        self.slot.with_mut(|slot| unsafe { (*slot).take() })
    }

    /// What is in the slot, to be called while the slot keeps it. The caller owns the claim.
    pub(crate) fn read_slot(&self) -> Option<Target> {
        // SAFETY: rule 3 at the head of the module: nobody writes the cell while the claim's owner reads it.
        self.slot.with(|slot| unsafe { (*slot).as_ref().map(Callback::target) })
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
                MarkAfterCancel::Refuses | MarkAfterCancel::Ignores => Mark::Canceled,
                MarkAfterCancel::CallsBack => {
                    Self::start_unmarked(&request.state);
                    Self::call_back_unmarked(request, callback);
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
            (Publish::CancelAsked, MarkAfterCancel::Refuses | MarkAfterCancel::Ignores) => {
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
            Withdraw::Claimed => {
                if request.contract.unmark_waits() {
                    Self::wait_for_return(request);
                }
                Unmark::Canceled
            }
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

    /// Invokes the callback in the slot and releases it. The caller owns the claim.
    fn call_back<R: Runtime>(request: &Word<R, Self>) {
        Self::announce_call(request);
        let target = request.read_slot();
        call_and_finish::<R>(
            || target.iter().for_each(Target::invoke),
            || {
                drop(request.empty_slot());
                Self::announce_return(request);
            },
        );
    }

    /// Invokes a callback that was never stored, and releases it.
    fn call_back_unmarked<R: Runtime>(request: &Word<R, Self>, callback: Callback) {
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

    /// Tells unmarks that wait on which thread the callback runs.
    fn announce_call<R: Runtime>(request: &Word<R, Self>) {
        if let Some(turnstile) = &request.turnstile {
            turnstile.enter();
        }
    }

    /// Lets unmarks that wait go on.
    fn announce_return<R: Runtime>(request: &Word<R, Self>) {
        if let Some(turnstile) = &request.turnstile {
            turnstile.leave(|| Self::note_return(&request.state));
        }
    }

    /// Waits until the callback has returned, under contracts whose unmark does.
    fn wait_for_return<R: Runtime>(request: &Word<R, Self>) {
        if let Some(turnstile) = &request.turnstile
            && !Self::has_returned(&request.state)
        {
            turnstile.pass(|| Self::has_returned(&request.state));
        }
    }

    /// Ends the request unless a callback can still start.
    fn complete<R: Runtime>(request: &Word<R, Self>) -> Complete {
        if request.contract.completion_waits() {
            return Self::complete_late(request);
        }
        loop {
            match Self::end(&request.state) {
                End::Ended => return Complete::Completed,
                End::Refused(Misuse::StillCancelable) if request.contract.completion_disarms() => {
                    match Self::disarm(&request.state) {
                        Disarm::Ended => {
                            drop(request.empty_slot());
                            return Complete::Completed;
                        }
                        Disarm::Busy => return Complete::Refused(Misuse::StillCancelable),
                        Disarm::Moved => {}
                    }
                }
                End::Refused(misuse) => return Complete::Refused(misuse),
            }
        }
    }

    /// Under contracts whose completion waits: ends the mark, or ends the request once no callback is owed or runs
    /// elsewhere. It ends only the word that it has judged, for a cancel may claim between looking and ending.
    fn complete_late<R: Runtime>(request: &Word<R, Self>) -> Complete {
        loop {
            match Self::disarm(&request.state) {
                Disarm::Ended => {
                    drop(request.empty_slot());
                    return Complete::Completed;
                }
                Disarm::Busy => return Complete::Refused(Misuse::StillCancelable),
                Disarm::Moved => {}
            }
            let word = Self::look_after_callback(request);
            match word.phase() {
                Phase::Completed => return Complete::Refused(Misuse::AlreadyCompleted),
                Phase::Pending | Phase::Notified if Self::end_from(&request.state, word) => {
                    return Complete::Completed;
                }
                // Another call came in between: all is to be judged anew.
                _ => {}
            }
        }
    }

    /// Reads the byte; where a callback is owed or runs elsewhere, once it has returned.
    fn look_after_callback<R: Runtime>(request: &Word<R, Self>) -> StateWord {
        let word = Self::look(&request.state);
        let is_claimed = word.phase() == Phase::Cancelable && word.is_cancel_asked();
        if !is_claimed && word.phase() != Phase::Notified {
            return word;
        }
        Self::wait_for_return(request);
        // No phase leads back from here, so this word can at most have been completed since.
        Self::look(&request.state)
    }

    /// Reads the cancel bit.
    fn is_canceled<R: Runtime>(request: &Word<R, Self>) -> IsCanceled {
        let word = Self::look(&request.state);
        let while_marked = |misuse| match request.contract.is_canceled_while_marked {
            IsCanceledWhileMarked::AnswersNo => IsCanceled::No,
            IsCanceledWhileMarked::Refuses => IsCanceled::Refused(misuse),
            IsCanceledWhileMarked::Tells if misuse == Misuse::CancelClaimed => IsCanceled::Yes,
            IsCanceledWhileMarked::Tells => IsCanceled::No,
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
