//! The state byte of [`Word`](super::Word): its layout and its transitions, each one read-modify-write.
//!
//! Orderings: a thread that is about to read or write the slot acquires, a thread that has just written or emptied
//! it releases, and everything else is relaxed, because the byte alone decides who acts. Read-modify-writes
//! between a release and its acquire keep the release sequence, so a relaxed one in between does no harm.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::machine::Misuse;
use crate::runtime::Atomic;

/// Where the request is, the cancel bit aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Not marked.
    Pending = 0,
    /// A mark is writing the slot.
    Marking = 1,
    /// Marked. With the cancel bit set: claimed, callback owed.
    Cancelable = 2,
    /// A granted unmark is emptying the slot.
    Unmarking = 3,
    /// The callback has been started.
    Notified = 4,
    /// Ended.
    Completed = 5,
}

/// A value of the state byte: bits 0 to 2 are the phase, bit 6 says that the callback has returned (under contracts
/// whose unmark waits for that), bit 7 is the cancel bit. The two bits are never cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u8);

const PHASE_MASK: u8 = 0x07;

impl Word {
    /// The cancel bit.
    pub const CANCEL: u8 = 0x80;

    /// The bit that says that the callback has returned.
    pub const RETURNED: u8 = 0x40;

    /// Not marked, not canceled.
    pub const PENDING: Word = Word(Phase::Pending as u8);

    const fn of(phase: Phase) -> Self {
        Word(phase as u8)
    }

    const fn with_cancel(self) -> Self {
        Word(self.0 | Word::CANCEL)
    }

    /// The word that `bits` stand for.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Word(bits)
    }

    /// The byte itself.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The phase.
    ///
    /// # Panics
    ///
    /// Panics if the bits are no phase, which no transition writes.
    #[must_use]
    pub fn phase(self) -> Phase {
        match self.0 & PHASE_MASK {
            0 => Phase::Pending,
            1 => Phase::Marking,
            2 => Phase::Cancelable,
            3 => Phase::Unmarking,
            4 => Phase::Notified,
            5 => Phase::Completed,
            other => unreachable!("phase bits are 0 to 5, got {other}"),
        }
    }

    /// Whether a cancel was asked for.
    #[must_use]
    pub fn is_cancel_asked(self) -> bool {
        self.0 & Word::CANCEL != 0
    }

    /// The same bits with another phase.
    #[must_use]
    pub const fn moved_to(self, phase: Phase) -> Self {
        Word(self.0 & !PHASE_MASK | phase as u8)
    }

    /// Why a mark that needs another phase is refused.
    #[must_use]
    pub fn misuse(self) -> Misuse {
        match self.phase() {
            Phase::Pending => Misuse::NotMarked,
            Phase::Cancelable if self.is_cancel_asked() => Misuse::CancelClaimed,
            Phase::Marking | Phase::Cancelable | Phase::Unmarking => Misuse::AlreadyMarked,
            Phase::Notified => Misuse::CancelClaimed,
            Phase::Completed => Misuse::AlreadyCompleted,
        }
    }
}

/// What became of reserving the slot for a mark.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// The slot is the caller's to write.
    Reserved,
    /// The request is pending and a cancel was asked for; nothing was changed.
    CancelAsked,
    /// Nothing was changed.
    Refused(Misuse),
}

/// What became of publishing a filled slot.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// Cancels can claim it now.
    Published,
    /// A cancel was asked for while the slot was being filled; it claimed nothing, so the slot is the caller's.
    CancelAsked,
}

/// What became of withdrawing a mark.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdraw {
    /// The slot is the caller's to empty.
    Withdrawn,
    /// A cancel has claimed the request.
    Claimed,
    /// Nothing was changed.
    Refused(Misuse),
}

/// What became of a cancel.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The slot is the caller's to call and empty.
    Claimed,
    /// The cancel bit is set; nobody can be called back by this caller.
    NotClaimed,
    /// The request had ended.
    NotFound,
}

/// What became of ending the request.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The caller ended it.
    Ended,
    /// Nothing was changed.
    Refused(Misuse),
}

/// What became of ending a cancelable request.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disarm {
    /// The caller ended it; the slot is the caller's to empty.
    Ended,
    /// Another driver's call is at the slot; nothing was changed.
    Busy,
    /// The request is not cancelable any more, or the attempt failed for no reason; nothing was changed, and the caller
    /// has to look anew.
    Moved,
}

/// The transitions of the state byte.
pub trait Transitions: Sized + Send + Sync + 'static {
    /// Pending to marking.
    fn reserve(state: &impl Atomic<u8>) -> Reserve {
        let (from, to) = (Word::of(Phase::Pending), Word::of(Phase::Marking));
        match state.compare_exchange(from.bits(), to.bits(), Acquire, Relaxed) {
            Ok(_) => Reserve::Reserved,
            Err(found) if Word(found) == from.with_cancel() => Reserve::CancelAsked,
            Err(found) => Reserve::Refused(Word(found).misuse()),
        }
    }

    /// Marking to cancelable, if no cancel came in between.
    fn publish(state: &impl Atomic<u8>) -> Publish {
        let (from, to) = (Word::of(Phase::Marking), Word::of(Phase::Cancelable));
        match state.compare_exchange(from.bits(), to.bits(), Release, Relaxed) {
            Ok(_) => Publish::Published,
            Err(_) => Publish::CancelAsked,
        }
    }

    /// Marking with the cancel bit to notified: the marker starts the callback itself.
    fn start_reserved(state: &impl Atomic<u8>) {
        state.swap(Word::CANCEL | Phase::Notified as u8, Relaxed);
    }

    /// Marking with the cancel bit back to pending: the marker was refused. The slot is empty again, and it stays
    /// so, because no mark reserves it once the bit is set: hence nothing to release.
    fn abandon_reservation(state: &impl Atomic<u8>) {
        state.swap(Word::CANCEL | Phase::Pending as u8, Relaxed);
    }

    /// Pending with the cancel bit to notified: the marker starts the callback without having stored it.
    fn start_unmarked(state: &impl Atomic<u8>) {
        state.swap(Word::CANCEL | Phase::Notified as u8, Relaxed);
    }

    /// Cancelable to unmarking, if no cancel has claimed it.
    fn withdraw(state: &impl Atomic<u8>) -> Withdraw {
        let (from, to) = (Word::of(Phase::Cancelable), Word::of(Phase::Unmarking));
        match state.compare_exchange(from.bits(), to.bits(), Acquire, Relaxed) {
            Ok(_) => Withdraw::Withdrawn,
            Err(found) => match Word(found).phase() {
                Phase::Cancelable | Phase::Notified => Withdraw::Claimed,
                Phase::Pending | Phase::Marking | Phase::Unmarking => Withdraw::Refused(Misuse::NotMarked),
                Phase::Completed => Withdraw::Refused(Misuse::AlreadyCompleted),
            },
        }
    }

    /// Unmarking to pending. The slot is empty again; a cancel bit that was set meanwhile stays.
    fn give_back(state: &impl Atomic<u8>) {
        state.fetch_and(!PHASE_MASK | Phase::Pending as u8, Release);
    }

    /// Sets the cancel bit in whatever phase; on a cancelable request that is the claim.
    fn claim(state: &impl Atomic<u8>) -> Claim {
        let before = Word(state.fetch_or(Word::CANCEL, Acquire));
        match before.phase() {
            Phase::Completed => Claim::NotFound,
            Phase::Cancelable if !before.is_cancel_asked() => Claim::Claimed,
            _ => Claim::NotClaimed,
        }
    }

    /// Claimed to notified. Only the owner of the claim can leave the claimed state, so this cannot fail.
    fn start_claimed(state: &impl Atomic<u8>) {
        state.swap(Word::CANCEL | Phase::Notified as u8, Relaxed);
    }

    /// Pending or notified to completed.
    fn end(state: &impl Atomic<u8>) -> End {
        let mut found = Word(state.load(Relaxed));
        loop {
            match found.phase() {
                Phase::Pending | Phase::Notified => {}
                Phase::Cancelable if found.is_cancel_asked() => {
                    return End::Refused(Misuse::CallbackPromised);
                }
                Phase::Marking | Phase::Cancelable | Phase::Unmarking => {
                    return End::Refused(Misuse::StillCancelable);
                }
                Phase::Completed => return End::Refused(Misuse::AlreadyCompleted),
            }
            let ended = found.moved_to(Phase::Completed);
            match state.compare_exchange_weak(found.bits(), ended.bits(), Relaxed, Relaxed) {
                Ok(_) => return End::Ended,
                Err(newer) => found = Word(newer),
            }
        }
    }

    /// Pending or notified to completed, if the byte still is what the caller `found`. May fail for no reason.
    fn end_from(state: &impl Atomic<u8>, found: Word) -> bool {
        let ended = found.moved_to(Phase::Completed);
        state.compare_exchange_weak(found.bits(), ended.bits(), Relaxed, Relaxed).is_ok()
    }

    /// Cancelable to completed, if no cancel has claimed it: completion that takes the mark with it.
    fn disarm(state: &impl Atomic<u8>) -> Disarm {
        let (from, to) = (Word::of(Phase::Cancelable), Word::of(Phase::Completed));
        match state.compare_exchange_weak(from.bits(), to.bits(), Acquire, Relaxed) {
            Ok(_) => Disarm::Ended,
            Err(found) => match Word(found).phase() {
                Phase::Marking | Phase::Unmarking => Disarm::Busy,
                _ => Disarm::Moved,
            },
        }
    }

    /// Says that the callback has returned.
    fn note_return(state: &impl Atomic<u8>) {
        state.fetch_or(Word::RETURNED, Release);
    }

    /// Whether the callback has returned, in which case all that it did comes before.
    fn has_returned(state: &impl Atomic<u8>) -> bool {
        state.load(Acquire) & Word::RETURNED != 0
    }

    /// Reads the byte.
    fn look(state: &impl Atomic<u8>) -> Word {
        Word(state.load(Relaxed))
    }
}
