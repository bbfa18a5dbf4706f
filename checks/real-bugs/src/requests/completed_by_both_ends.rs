//! Two threads complete a pipe at once, and both give its blocks back.

use super::parts::*;

/// A pipe with two ends, each of which leaves once.
pub(super) struct Pipe<R: Runtime, const FIXED: bool> {
    has_left: [R::AtomicU8; 2],
    ends: R::AtomicU32,
    blocks: Block<R>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Pipe<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Pipe<R, FIXED> {
    fn leave(&self, end: usize) {
        let is_last = if FIXED {
            self.ends.fetch_sub(1, AcqRel) == 1
        } else {
            self.has_left[end].swap(1, AcqRel);
            self.has_left[1 - end].load(Acquire) == 1
        };
        if is_last {
            self.blocks.free();
        }
    }
}

impl<R: Runtime, const FIXED: bool> Transfer<R> for Pipe<R, FIXED> {
    fn new() -> Self {
        Pipe {
            has_left: [Atomic::new(0), Atomic::new(0)],
            ends: Atomic::new(2),
            blocks: Block::in_request("the blocks of the pipe"),
            outcome: Desk::new(),
        }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        let completed = self.outcome.finish(result);
        self.leave(0);
        completed
    }

    fn cancel(&self) -> impl Answer {
        let has_ended = self.outcome.end();
        if has_ended {
            self.leave(1);
        }
        has_ended
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
