//! A slot for one callback that somebody may fire, in two bits and a cell.

use crate::sync::UnsafeCell;
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

type Callback = Box<dyn FnOnce() + Send>;

const EMPTY: usize = 0;
/// The owner is at the cell.
const BUSY: usize = 1;
const FULL: usize = 2;
/// Somebody fired; never cleared.
const FIRED: usize = 4;

/// What became of emptying the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emptied {
    /// The callback is gone and will not be called.
    Prevented,
    /// It was fired first.
    Fired,
}

/// The slot. [`fill`](Slot::fill) and [`empty`](Slot::empty) are its owner's, one at a time; anybody fires.
pub struct Slot {
    state: AtomicUsize,
    callback: UnsafeCell<Option<Callback>>,
}

// SAFETY: the cell is accessed by the owner while the slot is busy, and by whoever turns a full slot into a fired one.
unsafe impl Sync for Slot {}
// SAFETY: the callback may be sent.
unsafe impl Send for Slot {}

impl Default for Slot {
    fn default() -> Self {
        Slot { state: AtomicUsize::new(EMPTY), callback: UnsafeCell::new(None) }
    }
}

impl Slot {
    /// Puts `callback` in, or calls it at once if the slot was fired.
    pub fn fill(&self, callback: impl FnOnce() + Send + 'static) {
        self.put(Some(Box::new(callback)));
        if self.state.compare_exchange(BUSY, FULL, Release, Relaxed).is_err() {
            self.state.fetch_and(!BUSY, Relaxed);
            self.call();
        }
    }

    fn put(&self, callback: Option<Callback>) {
        self.state.fetch_or(BUSY, Acquire);
        // SAFETY: the slot is busy.
        self.callback.with_mut(|cell| unsafe { *cell = callback });
    }

    /// Takes the callback out.
    pub fn empty(&self) -> Emptied {
        if self.state.compare_exchange(FULL, BUSY, Acquire, Relaxed).is_err() {
            return Emptied::Fired;
        }
        // SAFETY: the slot is busy.
        let callback = self.callback.with_mut(|cell| unsafe { (*cell).take() });
        self.state.fetch_and(!BUSY, Release);
        drop(callback);
        Emptied::Prevented
    }

    /// Fires; whether this call made the callback.
    pub fn fire(&self) -> bool {
        let is_mine = self.state.fetch_or(FIRED, AcqRel) == FULL;
        if is_mine {
            self.call();
        }
        is_mine
    }

    fn call(&self) {
        // SAFETY: the caller fired a full slot, or is the owner that found it fired while it was busy.
        let callback = self.callback.with_mut(|cell| unsafe { (*cell).take() });
        if let Some(callback) = callback {
            callback();
        }
    }

    /// Whether anybody has fired.
    pub fn is_fired(&self) -> bool {
        self.state.load(Relaxed) & FIRED != 0
    }
}
