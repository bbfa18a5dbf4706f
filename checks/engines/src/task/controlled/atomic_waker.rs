//! A waker that one thread registers and any wakes.

use std::fmt;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::task::Waker;

use crate::cell::controlled::UnsafeCell;
use crate::sync::controlled::atomic::AtomicU8;

/// Nobody is at the waker.
const IDLE: u8 = 0;
/// Somebody puts a waker here.
const REGISTERING: u8 = 1;
/// Somebody takes the waker.
const WAKING: u8 = 2;

/// A waker that one thread registers and any wakes: whoever wakes finds the registered waker, or whoever registers finds that
/// it is woken.
///
/// One thread registers at a time.
pub struct AtomicWaker {
    state: AtomicU8,
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: the waker is reached by whoever has made the state its own, from `IDLE` to `REGISTERING` or to `WAKING`, and one
// thread at a time can.
unsafe impl Sync for AtomicWaker {}

impl AtomicWaker {
    /// Nobody is registered.
    pub const fn new() -> Self {
        AtomicWaker { state: AtomicU8::new(IDLE), waker: UnsafeCell::new(None) }
    }

    /// Registers a waker instead of the last one. If somebody wakes meanwhile it is woken at once.
    #[track_caller]
    pub fn register(&self, waker: &Waker) {
        if self.state.compare_exchange(IDLE, REGISTERING, Acquire, Acquire).is_err() {
            // Somebody wakes. That was perhaps meant for the waker before; this one is woken in any case.
            waker.wake_by_ref();
            return;
        }
        let fresh = waker.clone();
        // SAFETY: the state is this thread's.
        let last = self.waker.with_mut(|place| unsafe { (*place).replace(fresh) });
        if self.state.compare_exchange(REGISTERING, IDLE, AcqRel, Acquire).is_err() {
            // Somebody came to wake, and has left that to this thread.
            // SAFETY: the state is this thread's still.
            let woken = self.waker.with_mut(|place| unsafe { (*place).take() });
            self.state.swap(IDLE, AcqRel);
            if let Some(woken) = woken {
                woken.wake();
            }
        }
        drop(last);
    }

    /// Takes the registered waker, if there is one and nobody else takes it.
    #[track_caller]
    pub fn take(&self) -> Option<Waker> {
        if self.state.fetch_or(WAKING, AcqRel) != IDLE {
            return None;
        }
        // SAFETY: the state is this thread's.
        let waker = self.waker.with_mut(|place| unsafe { (*place).take() });
        self.state.fetch_and(!WAKING, Release);
        waker
    }

    /// Wakes the registered waker, and forgets it.
    #[track_caller]
    pub fn wake(&self) {
        if let Some(waker) = self.take() {
            waker.wake();
        }
    }
}

impl Default for AtomicWaker {
    fn default() -> Self {
        AtomicWaker::new()
    }
}

impl fmt::Debug for AtomicWaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtomicWaker").finish_non_exhaustive()
    }
}
