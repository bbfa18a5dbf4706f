//! A waker is replaced while the bit that says that it may be read stays set.

use super::parts::*;

const EMPTY: u32 = 0;
const THERE: u32 = 1;
const SENT: u32 = 2;

/// A channel for one value with the place of its receiver's waker.
pub(super) struct Channel<R: Runtime, const FIXED: bool> {
    state: R::AtomicU32,
    place: Place<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Channel<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Channel<R, FIXED> {
    /// Takes the bit back, and returns whether the waker is the receiver's again.
    fn take_back(&self) -> bool {
        self.state.compare_exchange(THERE, EMPTY, AcqRel, Acquire).is_ok()
    }
}

impl<R: Runtime, const FIXED: bool> Polled<R> for Channel<R, FIXED> {
    fn new() -> Self {
        Channel { state: Atomic::new(EMPTY), place: Place::new() }
    }

    fn poll(&self, waker: &Waker) -> bool {
        let seen = self.state.load(Acquire);
        if seen == SENT {
            return true;
        }
        if seen == THERE {
            if FIXED {
                if !self.take_back() {
                    return true;
                }
            } else {
                drop(self.place.take());
                self.place.put(waker.clone());
                return self.state.load(Acquire) == SENT;
            }
        }
        drop(self.place.take());
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
        if self.state.swap(SENT, AcqRel) == THERE {
            let waker = self.place.take();
            waker.into_iter().for_each(Waker::wake);
        }
    }
}
