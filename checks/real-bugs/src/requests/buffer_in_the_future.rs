//! The buffer that the kernel writes to belongs to the future that the caller may drop.

use super::parts::*;

/// A read whose future is dropped to cancel it. Two may hold its buffer: the future, and the driver.
pub(super) struct Read<R: Runtime, const FIXED: bool> {
    holders: R::AtomicU32,
    buffer: Block<R>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Read<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Read<R, FIXED> {
    fn let_go(&self) {
        if self.holders.fetch_sub(1, AcqRel) == 1 {
            self.buffer.free();
        }
    }
}

impl<R: Runtime, const FIXED: bool> Transfer<R> for Read<R, FIXED> {
    fn new() -> Self {
        // The fix is a buffer that the driver holds as well, until the kernel has done with it.
        let holders = if FIXED { 2 } else { 1 };
        Read { holders: Atomic::new(holders), buffer: Block::in_request("the buffer"), outcome: Desk::new() }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.buffer.write();
        let completed = self.outcome.finish(result);
        if FIXED {
            self.let_go();
        }
        completed
    }

    fn cancel(&self) -> impl Answer {
        let is_dropped_early = self.outcome.end();
        if is_dropped_early {
            self.let_go();
        }
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
