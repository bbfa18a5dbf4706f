//! A receiver that has closed its channel looks into the place of the value, which the sender is still using.

use super::parts::*;

const SENT: u32 = 1;
const CLOSED: u32 = 2;

/// A channel for one value, which its receiver closes.
pub(super) struct Channel<R: Runtime, const FIXED: bool> {
    state: R::AtomicU32,
    place: Plain<R, u8>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Channel<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Channel<R, FIXED> {
    fn new() -> Self {
        Channel { state: Atomic::new(0), place: Plain::new(0), outcome: Desk::new() }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.place.set(1);
        if self.state.fetch_or(SENT, AcqRel) & CLOSED != 0 {
            // Nobody will take it: it is taken out again.
            self.place.set(0);
            return Err(result);
        }
        self.outcome.finish(result)
    }

    fn cancel(&self) -> impl Answer {
        let before = self.state.fetch_or(CLOSED, AcqRel);
        if before & CLOSED != 0 {
            return;
        }
        if before & SENT != 0 || !FIXED {
            let _is_there = self.place.get();
        }
        if before & SENT == 0 {
            self.outcome.end();
        }
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
