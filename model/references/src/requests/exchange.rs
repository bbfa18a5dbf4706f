//! **exchange**: the cancel bit and cancel-routine slot of IRPs.
//!
//! Two words decide everything. The *routine* says whether there is a callback in the slot, and changes hands only by
//! exchange: whoever gets it out of the word owns the callback. The *flags* hold the sticky cancel bit.
//!
//! - The marker first publishes the routine, then looks at the cancel bit.
//! - The canceler first sets the cancel bit, then takes the routine.
//!
//! Both parties exchange the routine, so one exchange comes first. If it is the marker's, the canceler finds the
//! routine. If it is the canceler's, the marker's exchange reads what the canceler's wrote, acquires all that the
//! canceler did before, and so sees the bit. Either way a cancel cannot be lost, without sequential consistency.
//!
//! A marker that finds the bit set exchanges the routine back: if it gets one it has won and deals with the cancel
//! itself, and if it gets none a canceler has claimed the request and will call back.
//!
//! In a driver's request packet the routine word is the pointer itself. Here it is a handle, and what it stands for
//! lies beside it: an address would differ from run to run, and a run could not be repeated value for value.
//!
//! The remaining flags exist to refuse misuse: marked (from a mark until its granted unmark), notified (the callback
//! has been started) and completed; and, under contracts whose unmark waits, returned (the callback is over).
//!
//! Two unmarks of one mark from two threads at once are outside the calling rules of
//! [`CancelableRequest`]; as with the real routine slot, the loser is then told
//! "canceled" although no callback need come. Where unmark waits for the callback, whoever ends a mark without one
//! wakes the loser, who would otherwise wait for ever.

mod bits;

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::callback::Callback;
use crate::contract::{Contract, IsCanceledWhileMarked, MarkAfterCancel};
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Atomic, Runtime};

use super::turnstile::{Turnstile, call_and_finish};

pub use bits::{CANCEL, COMPLETED, MARKED, NONE, NOTIFIED, RETURNED, SOME};

/// The reference request **exchange**; `P` is the protocol, which only faults replace.
pub struct Exchange<R: Runtime, P: Protocol = Reference> {
    /// [`CANCEL`] | [`MARKED`] | [`NOTIFIED`] | [`COMPLETED`] | [`RETURNED`].
    flags: R::AtomicU8,
    /// [`SOME`] or [`NONE`].
    routine: R::AtomicUsize,
    /// What [`SOME`] stands for: filled before the word says so, and emptied by whoever exchanged the word. The
    /// lock makes that safe and decides nothing; no two threads ever meet at it.
    stored: Mutex<Option<Arc<Callback>>>,
    turnstile: Option<Turnstile<R>>,
    contract: Contract,
    protocol: PhantomData<P>,
}

/// The protocol as it should be.
#[derive(Debug)]
pub struct Reference;

impl Protocol for Reference {}

impl<R: Runtime, P: Protocol> Exchange<R, P> {
    /// A pending request that keeps `contract`.
    ///
    /// # Panics
    ///
    /// Panics if the contract needs more than [one word](Contract::is_of_one_word).
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        assert!(contract.is_of_one_word(), "the request exchange cannot keep the contract {contract}");
        Exchange {
            flags: R::AtomicU8::new(0),
            routine: R::AtomicUsize::new(NONE),
            stored: Mutex::new(None),
            turnstile: Turnstile::for_contract(&contract),
            contract,
            protocol: PhantomData,
        }
    }

    /// The flags, for protocols that override a call.
    pub fn flags(&self) -> &R::AtomicU8 {
        &self.flags
    }

    /// The routine slot, for protocols that override a call.
    pub fn routine(&self) -> &R::AtomicUsize {
        &self.routine
    }

    /// What the routine word stands for.
    pub(crate) fn stored(&self) -> MutexGuard<'_, Option<Arc<Callback>>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The contract, for protocols that override a call.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Where unmarks wait, for protocols that override a call.
    pub(crate) fn turnstile(&self) -> Option<&Turnstile<R>> {
        self.turnstile.as_ref()
    }
}

impl<R: Runtime, P: Protocol> CancelableRequest<R> for Exchange<R, P> {
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

impl<R: Runtime, P: Protocol> Drop for Exchange<R, P> {
    fn drop(&mut self) {
        drop(P::take(self));
    }
}

/// The steps of the request.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Puts the routine into the slot.
    fn publish<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) {
        *request.stored() = Some(Arc::new(callback));
        request.routine.swap(SOME, AcqRel);
    }

    /// Takes the routine out of the slot: the claim, the granted unmark, or the take-back.
    fn take<R: Runtime>(request: &Exchange<R, Self>) -> Option<Arc<Callback>> {
        match request.routine.swap(NONE, AcqRel) {
            NONE => None,
            _ => request.stored().take(),
        }
    }

    /// Sets the marked flag; the flags before.
    fn set_marked(flags: &impl Atomic<u8>) -> u8 {
        flags.fetch_or(MARKED, Relaxed)
    }

    /// Clears the marked flag after the mark was taken back.
    fn clear_marked(flags: &impl Atomic<u8>) {
        flags.fetch_and(!MARKED, Relaxed);
    }

    /// Sets the cancel bit; the flags before.
    fn set_cancel(flags: &impl Atomic<u8>) -> u8 {
        flags.fetch_or(CANCEL, Relaxed)
    }

    /// Looks at the cancel bit after publishing.
    fn sees_cancel(flags: &impl Atomic<u8>) -> bool {
        flags.load(Relaxed) & CANCEL != 0
    }

    /// Publishes the routine, then looks at the cancel bit.
    fn mark<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) -> Mark {
        let before = Self::set_marked(&request.flags);
        if before & COMPLETED != 0 {
            return Mark::Refused(Misuse::AlreadyCompleted);
        }
        if before & MARKED != 0 {
            return Mark::Refused(Self::why_marked(request));
        }
        Self::publish(request, callback);
        Self::look_after_publishing(request)
    }

    /// A cancel whose exchange came before the publication has left its bit.
    fn look_after_publishing<R: Runtime>(request: &Exchange<R, Self>) -> Mark {
        if !Self::sees_cancel(&request.flags) {
            return Mark::Marked;
        }
        match Self::take(request) {
            None => Mark::Marked,
            Some(callback) => Self::mark_canceled(request, callback),
        }
    }

    /// The marker has taken its own routine back from a request that was canceled before.
    fn mark_canceled<R: Runtime>(request: &Exchange<R, Self>, callback: Arc<Callback>) -> Mark {
        match request.contract.mark_after_cancel {
            MarkAfterCancel::CallsBack => {
                Self::call_back(request, callback);
                Mark::Marked
            }
            MarkAfterCancel::Refuses | MarkAfterCancel::Ignores => {
                Self::end_mark(request, || Self::clear_marked(&request.flags));
                Mark::Canceled
            }
        }
    }

    /// Takes the routine back; whoever has taken it before calls back.
    fn unmark<R: Runtime>(request: &Exchange<R, Self>) -> Unmark {
        let flags = request.flags.load(Relaxed);
        if flags & COMPLETED != 0 {
            return Unmark::Refused(Misuse::AlreadyCompleted);
        }
        if flags & MARKED == 0 {
            return Unmark::Refused(Misuse::NotMarked);
        }
        match Self::take(request) {
            None => {
                if request.contract.unmark_waits() {
                    Self::wait_for_return(request);
                }
                Unmark::Canceled
            }
            Some(callback) => {
                Self::end_mark(request, || Self::clear_marked(&request.flags));
                drop(callback);
                Unmark::Unmarked
            }
        }
    }

    /// Ends a mark whose routine was taken back, with `note`, and wakes whoever waits for a callback of it.
    fn end_mark<R: Runtime>(request: &Exchange<R, Self>, note: impl FnOnce()) {
        match &request.turnstile {
            None => note(),
            Some(turnstile) => turnstile.leave(note),
        }
    }

    /// Sets the cancel bit, then takes the routine. Every canceler does both, also one that finds the bit set: the
    /// canceler that set it may not have come to the routine yet, and a cancel that was answered must be over.
    fn cancel<R: Runtime>(request: &Exchange<R, Self>) -> Cancel {
        let before = Self::set_cancel(&request.flags);
        if before & COMPLETED != 0 {
            return Cancel::NotFound;
        }
        match Self::take(request) {
            None => Cancel::NotClaimed,
            Some(callback) => {
                Self::call_back(request, callback);
                Cancel::Claimed
            }
        }
    }

    /// Says that the callback has started, and calls it. The caller owns the callback.
    fn call_back<R: Runtime>(request: &Exchange<R, Self>, callback: Arc<Callback>) {
        request.flags.fetch_or(NOTIFIED, Relaxed);
        if let Some(turnstile) = &request.turnstile {
            turnstile.enter();
        }
        let target = callback.target();
        call_and_finish::<R>(
            || target.invoke(),
            || {
                drop(callback);
                if let Some(turnstile) = &request.turnstile {
                    turnstile.leave(|| Self::note_return(&request.flags));
                }
            },
        );
    }

    /// Says that the callback has returned.
    fn note_return(flags: &impl Atomic<u8>) {
        flags.fetch_or(RETURNED, Release);
    }

    /// Whether the callback has returned, in which case all that it did comes before; or the mark was ended without
    /// one.
    fn has_returned(flags: &impl Atomic<u8>) -> bool {
        let flags = flags.load(Acquire);
        flags & RETURNED != 0 || flags & MARKED == 0
    }

    /// Waits until the callback has returned, under contracts whose unmark does.
    fn wait_for_return<R: Runtime>(request: &Exchange<R, Self>) {
        if let Some(turnstile) = &request.turnstile
            && !Self::has_returned(&request.flags)
        {
            turnstile.pass(|| Self::has_returned(&request.flags));
        }
    }

    /// Ends the request unless a callback can still start.
    fn complete<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        let mut flags = request.flags.load(Relaxed);
        loop {
            if flags & COMPLETED != 0 {
                return Complete::Refused(Misuse::AlreadyCompleted);
            }
            if flags & MARKED != 0 && flags & NOTIFIED == 0 {
                let answer = Self::complete_marked(request);
                // Without a cancel no callback is to come: another driver is still marking.
                let is_to_come = answer == Complete::Refused(Misuse::CallbackPromised)
                    && request.flags.load(Relaxed) & CANCEL != 0;
                if !request.contract.completion_waits() || !is_to_come {
                    return answer;
                }
            }
            if flags & MARKED != 0 && request.contract.completion_waits() {
                Self::wait_for_return(request);
                let had_started = flags & NOTIFIED != 0;
                flags = request.flags.load(Relaxed);
                // A callback that had not started may never have come, and another mark may be there by now.
                if !had_started || flags & COMPLETED != 0 {
                    continue;
                }
            }
            match request.flags.compare_exchange_weak(flags, flags | COMPLETED, Relaxed, Relaxed) {
                Ok(_) => return Complete::Completed,
                Err(newer) => flags = newer,
            }
        }
    }

    /// Completion of a marked request is a misuse, or takes the mark with it.
    fn complete_marked<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        if !request.contract.completion_disarms() {
            return Complete::Refused(Self::why_not_completable(request));
        }
        match Self::take(request) {
            None => Complete::Refused(Misuse::CallbackPromised),
            Some(callback) => {
                Self::end_mark(request, || {
                    request.flags.fetch_xor(MARKED | COMPLETED, Relaxed);
                });
                drop(callback);
                Complete::Completed
            }
        }
    }

    /// Reads the cancel bit.
    fn is_canceled<R: Runtime>(request: &Exchange<R, Self>) -> IsCanceled {
        let flags = request.flags.load(Relaxed);
        if flags & COMPLETED != 0 {
            return IsCanceled::Refused(Misuse::AlreadyCompleted);
        }
        match (flags & MARKED != 0, request.contract.is_canceled_while_marked) {
            (false, _) if flags & CANCEL != 0 => Self::tell(&request.flags),
            (false, _) | (true, IsCanceledWhileMarked::AnswersNo) => IsCanceled::No,
            (true, IsCanceledWhileMarked::Refuses) => IsCanceled::Refused(Self::why_refused(request)),
            (true, IsCanceledWhileMarked::Tells) => match Self::why_refused(request) {
                Misuse::CancelClaimed => IsCanceled::Yes,
                _ => IsCanceled::No,
            },
        }
    }

    /// Tells the driver of an unmarked request that a cancel was asked for, which changes nothing.
    fn tell(_flags: &impl Atomic<u8>) -> IsCanceled {
        IsCanceled::Yes
    }

    /// Which misuse a mark on a marked request is: a routine in the slot has not been claimed.
    fn why_marked<R: Runtime>(request: &Exchange<R, Self>) -> Misuse {
        match request.routine.load(Relaxed) {
            NONE => Misuse::CancelClaimed,
            _ => Misuse::AlreadyMarked,
        }
    }

    /// Which misuse a completion of a marked request is.
    fn why_not_completable<R: Runtime>(request: &Exchange<R, Self>) -> Misuse {
        match request.routine.load(Relaxed) {
            NONE => Misuse::CallbackPromised,
            _ => Misuse::StillCancelable,
        }
    }

    /// Which misuse is-canceled on a marked request is.
    fn why_refused<R: Runtime>(request: &Exchange<R, Self>) -> Misuse {
        match request.routine.load(Relaxed) {
            NONE => Misuse::CancelClaimed,
            _ => Misuse::StillCancelable,
        }
    }
}
