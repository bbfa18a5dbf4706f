//! The two fields of an IRP that decide every race: the cancel bit and the cancel-routine slot.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::runtime::{Atomic, Runtime};

/// No routine is in the slot.
pub const NONE: usize = 0;

/// What the I/O manager and the framework share of a request.
#[derive(Debug)]
pub struct Irp<R: Runtime> {
    /// The cancel bit: set by the first cancel, and never cleared while the request lives.
    bit: R::AtomicU8,
    /// The cancel-routine slot. What is in it says to which queue the routine belongs: its number plus one, which is a
    /// handle and not a pointer, so that a run can be repeated value for value.
    routine: R::AtomicUsize,
}

impl<R: Runtime> Irp<R> {
    /// A packet that nobody has canceled, with an empty slot.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Irp { bit: R::AtomicU8::new(0), routine: R::AtomicUsize::new(NONE) }
    }

    /// The cancel bit, for steps that are overridden.
    pub fn bit(&self) -> &R::AtomicU8 {
        &self.bit
    }

    /// The slot, for steps that are overridden.
    pub fn routine(&self) -> &R::AtomicUsize {
        &self.routine
    }

    /// Puts the routine of a queue into the slot.
    pub fn publish(&self, queue: usize) {
        self.routine.swap(queue + 1, Acquire);
    }

    /// Exchanges the slot for an empty one. Whoever gets the routine out has won the request, and nobody else does.
    /// What else the two parties have to see of each other is ordered by the lock of the queue that is returned, so
    /// the exchange publishes no more than the bit.
    #[must_use]
    pub fn take(&self) -> Option<usize> {
        self.routine.swap(NONE, Release).checked_sub(1)
    }

    /// Sets the cancel bit.
    pub fn set_bit(&self) {
        self.bit.fetch_or(1, Relaxed);
    }

    /// Whether the cancel bit is set. Whoever asks has put a routine into the slot before, and so sees the bit of every
    /// canceler whose exchange came first.
    #[must_use]
    pub fn is_bit_set(&self) -> bool {
        self.bit.load(Relaxed) != 0
    }

    /// Whether the slot is empty, as a hint: the answer may be stale at once.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.routine.load(Relaxed) == NONE
    }

    /// Clears the bit and the slot, for another life of the request. Nobody else touches the packet meanwhile.
    pub fn reset(&self) {
        self.bit.swap(0, Relaxed);
        self.routine.swap(NONE, Relaxed);
    }
}

impl<R: Runtime> Default for Irp<R> {
    fn default() -> Self {
        Irp::new()
    }
}
