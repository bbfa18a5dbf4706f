//! Memory of a driver's own, whose end the engines see.

use core::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};

use cancelproof_machine::shape::found;

use crate::rule::Rule;
use crate::runtime::{Runtime, UnsafeCell};

/// Something that a driver allocates, uses and frees: a context of a request, a buffer. Nothing is freed in truth, so that a driver
/// which is wrong does no harm; an access that is not ordered with the end is a data race, and one that comes after it is found.
pub struct Memory<R: Runtime>(R::UnsafeCell<AtomicBool>);

// SAFETY: the cell is what is checked: accesses to it are unordered exactly when the driver is wrong. It holds an atomic, so that
// no memory is corrupted even then.
unsafe impl<R: Runtime> Sync for Memory<R> {}
// SAFETY: nothing in it is tied to the thread that made it.
unsafe impl<R: Runtime> Send for Memory<R> {}

impl<R: Runtime> Memory<R> {
    /// Memory that is allocated.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Memory(R::UnsafeCell::new(AtomicBool::new(false)))
    }

    /// Uses it.
    ///
    /// # Panics
    ///
    /// Panics with a finding if it has been freed.
    #[track_caller]
    pub fn touch(&self) {
        // SAFETY: the cell outlives the access, and what it holds is an atomic.
        let is_freed = self.0.with(|cell| unsafe { &*cell }.load(Ordering::Relaxed));
        if is_freed {
            found(Rule::Lifetime, &format!("{} uses what has been freed", Location::caller()));
        }
    }

    /// Frees it.
    ///
    /// # Panics
    ///
    /// Panics with a finding if it has been freed before.
    #[track_caller]
    pub fn free(&self) {
        // SAFETY: the cell outlives the access, and what it holds is an atomic.
        let was_freed = self.0.with_mut(|cell| unsafe { &*cell }.swap(true, Ordering::Relaxed));
        if was_freed {
            found(Rule::Lifetime, &format!("{} frees what has been freed", Location::caller()));
        }
    }
}

impl<R: Runtime> Default for Memory<R> {
    #[track_caller]
    fn default() -> Self {
        Memory::new()
    }
}

impl<R: Runtime> core::fmt::Debug for Memory<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Memory")
    }
}
