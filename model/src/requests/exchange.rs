//! **exchange**: the cancel bit and cancel-routine slot of IRPs.
//!
//! Two words decide everything. The *routine* holds a pointer to the callback, or null, and changes hands only by
//! exchange: whoever gets the pointer out of it owns the callback. The *flags* hold the sticky cancel bit.
//!
//! - The marker first publishes the routine, then looks at the cancel bit.
//! - The canceler first sets the cancel bit, then takes the routine.
//!
//! Both parties exchange the routine, so one exchange comes first. If it is the marker's, the canceler finds the
//! routine. If it is the canceler's, the marker's exchange reads what the canceler's wrote, acquires all that the
//! canceler did before, and so sees the bit. Either way a cancel cannot be lost, without sequential consistency.
//!
//! A marker that finds the bit set exchanges the routine back: if it gets the pointer it has won and deals with the
//! cancel itself, and if it gets null a canceler has claimed the request and will call back.
//!
//! The remaining flags exist to refuse misuse: marked (from a mark until its granted unmark), notified (the callback
//! has been started) and completed.
//!
//! Two unmarks of one mark from two threads at once are outside the calling rules of
//! [`CancelableRequest`](crate::request::CancelableRequest); as with the real routine slot, the loser is then told
//! "canceled" although no callback need come.

use core::marker::PhantomData;
use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::callback::Callback;
use crate::contract::{Contract, IsCanceledWhileMarked, MarkAfterCancel};
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Atomic, Runtime};

/// The cancel bit: set once, never cleared.
pub const CANCEL: u8 = 1;
/// A mark has been accepted and not been taken back.
pub const MARKED: u8 = 2;
/// The callback has been started.
pub const NOTIFIED: u8 = 4;
/// The request has ended.
pub const COMPLETED: u8 = 8;

/// No routine.
const NONE: usize = 0;

/// The reference request **exchange**; `P` is the protocol, which only faults replace.
pub struct Exchange<R: Runtime, P: Protocol = Reference> {
    /// [`CANCEL`] | [`MARKED`] | [`NOTIFIED`] | [`COMPLETED`].
    flags: R::AtomicU8,
    /// A pointer from [`Box::into_raw`], or [`NONE`].
    routine: R::AtomicUsize,
    contract: Contract,
    protocol: PhantomData<P>,
}

/// The protocol as it should be.
#[derive(Debug)]
pub struct Reference;

impl Protocol for Reference {}

impl<R: Runtime, P: Protocol> Exchange<R, P> {
    /// A pending request that keeps `contract`.
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        Exchange {
            flags: R::AtomicU8::new(0),
            routine: R::AtomicUsize::new(NONE),
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
        drop(P::take(&self.routine));
    }
}

/// The steps of the request.
pub trait Protocol: Sized + Send + Sync + 'static {
    /// Puts the routine into the slot.
    fn publish(routine: &impl Atomic<usize>, callback: Callback) {
        let pointer = Box::into_raw(Box::new(callback)).expose_provenance();
        routine.swap(pointer, AcqRel);
    }

    /// Takes the routine out of the slot: the claim, the granted unmark, or the take-back.
    fn take(routine: &impl Atomic<usize>) -> Option<Box<Callback>> {
        match routine.swap(NONE, AcqRel) {
            NONE => None,
            // SAFETY: the pointer came from `Box::into_raw` in `publish`, and the exchange that returned it removed
            // it from the slot, so no other thread gets it.
            pointer => Some(unsafe { Box::from_raw(ptr::with_exposed_provenance_mut(pointer)) }),
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
        Self::publish(&request.routine, callback);
        if !Self::sees_cancel(&request.flags) {
            return Mark::Marked;
        }
        match Self::take(&request.routine) {
            None => Mark::Marked,
            Some(callback) => Self::mark_canceled(request, &callback),
        }
    }

    /// The marker has taken its own routine back from a request that was canceled before.
    fn mark_canceled<R: Runtime>(request: &Exchange<R, Self>, callback: &Callback) -> Mark {
        match request.contract.mark_after_cancel {
            MarkAfterCancel::CallsBack => {
                Self::call_back(request, callback);
                Mark::Marked
            }
            MarkAfterCancel::Refuses => {
                Self::clear_marked(&request.flags);
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
        match Self::take(&request.routine) {
            None => Unmark::Canceled,
            Some(callback) => {
                Self::clear_marked(&request.flags);
                drop(callback);
                Unmark::Unmarked
            }
        }
    }

    /// Sets the cancel bit, then takes the routine. Every canceler does both, also one that finds the bit set: the
    /// canceler that set it may not have come to the routine yet, and a cancel that was answered must be over.
    fn cancel<R: Runtime>(request: &Exchange<R, Self>) -> Cancel {
        let before = Self::set_cancel(&request.flags);
        if before & COMPLETED != 0 {
            return Cancel::NotFound;
        }
        match Self::take(&request.routine) {
            None => Cancel::NotClaimed,
            Some(callback) => {
                Self::call_back(request, &callback);
                Cancel::Claimed
            }
        }
    }

    /// Says that the callback has started, and calls it. The caller owns the callback.
    fn call_back<R: Runtime>(request: &Exchange<R, Self>, callback: &Callback) {
        request.flags.fetch_or(NOTIFIED, Relaxed);
        callback.invoke();
    }

    /// Ends the request unless a callback can still start.
    fn complete<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        let mut flags = request.flags.load(Relaxed);
        loop {
            if flags & COMPLETED != 0 {
                return Complete::Refused(Misuse::AlreadyCompleted);
            }
            if flags & MARKED != 0 && flags & NOTIFIED == 0 {
                return Complete::Refused(Self::why_not_completable(request));
            }
            match request.flags.compare_exchange(flags, flags | COMPLETED, Relaxed, Relaxed) {
                Ok(_) => return Complete::Completed,
                Err(newer) => flags = newer,
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
            (false, _) if flags & CANCEL != 0 => IsCanceled::Yes,
            (false, _) | (true, IsCanceledWhileMarked::AnswersNo) => IsCanceled::No,
            (true, IsCanceledWhileMarked::Refuses) => IsCanceled::Refused(Self::why_refused(request)),
        }
    }

    /// Which misuse a mark on a marked request is: a routine in the slot has not been claimed.
    fn why_marked<R: Runtime>(request: &Exchange<R, Self>) -> Misuse {
        match request.routine.load(Acquire) {
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
