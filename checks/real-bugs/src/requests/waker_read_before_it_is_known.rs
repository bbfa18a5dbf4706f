//! A task that completes reads the waker of whoever joins it before it knows whether there is one.

use super::parts::*;

const EMPTY: u32 = 0;
const THERE: u32 = 1;
const DONE: u32 = 2;

/// A task that somebody joins, with the place of that one's waker. The bit says who may use the place.
pub(super) struct Task<R: Runtime, const FIXED: bool> {
    state: R::AtomicU32,
    place: Place<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Task<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Task<R, FIXED> {
    /// Takes the place away from a completion, and returns whether there is a waker in it that is now the caller's.
    fn take_back(&self) -> bool {
        self.state.compare_exchange(THERE, EMPTY, AcqRel, Acquire).is_ok()
    }
}

impl<R: Runtime, const FIXED: bool> Polled<R> for Task<R, FIXED> {
    fn new() -> Self {
        Task { state: Atomic::new(EMPTY), place: Place::new() }
    }

    fn poll(&self, waker: &Waker) -> bool {
        if self.take_back() {
            drop(self.place.take());
        }
        if self.state.load(Acquire) == DONE {
            return true;
        }
        self.place.put(waker.clone());
        if self.state.compare_exchange(EMPTY, THERE, AcqRel, Acquire).is_err() {
            drop(self.place.take());
            return true;
        }
        false
    }

    fn leave(&self) {
        if self.take_back() {
            drop(self.place.take());
        }
    }

    fn wake(&self) {
        let early = if FIXED { None } else { self.place.copy() };
        if self.state.swap(DONE, AcqRel) == THERE {
            let waker = self.place.take();
            drop(early);
            waker.into_iter().for_each(Waker::wake);
        }
    }
}
