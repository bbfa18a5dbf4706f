//! A receiver says that it is gone and drops its waker afterwards, in memory that the sender may have freed.

use super::parts::*;

const RECEIVING: u8 = 0;
const CLOSED: u8 = 1;
const MESSAGE: u8 = 2;

/// A channel for one value, canceled by dropping its receiver. Whoever leaves last frees it.
pub(super) struct Channel<R: Runtime, const FIXED: bool> {
    state: R::AtomicU8,
    memory: Block<R>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Channel<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Channel<R, FIXED> {
    fn new() -> Self {
        let memory = Block::in_request("the channel");
        Channel { state: Atomic::new(RECEIVING), memory, outcome: Desk::new() }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.memory.touch();
        if self.state.swap(MESSAGE, AcqRel) == CLOSED {
            self.memory.free();
            return Err(result);
        }
        self.outcome.finish(result)
    }

    fn cancel(&self) -> impl Answer {
        // There is one receiver, which is dropped once.
        if !self.outcome.end() {
            return;
        }
        if FIXED {
            self.memory.touch();
        }
        if self.state.swap(CLOSED, AcqRel) == RECEIVING && !FIXED {
            self.memory.touch();
        }
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
