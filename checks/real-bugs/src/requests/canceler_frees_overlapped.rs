//! Whoever cancels an overlapped operation frees its record, while the completion port still has a packet that names it.

use super::parts::*;

/// An overlapped operation with its record.
pub(super) struct Overlapped<R: Runtime, const FIXED: bool> {
    record: Block<R>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Overlapped<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Overlapped<R, FIXED> {
    fn new() -> Self {
        Overlapped { record: Block::in_request("the record"), outcome: Desk::new() }
    }

    /// The packet arrives. It names the record whether the operation was canceled or not.
    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.record.touch();
        let completed = self.outcome.finish(result);
        if FIXED {
            self.record.free();
        }
        completed
    }

    fn cancel(&self) -> impl Answer {
        let has_ended = self.outcome.end();
        if has_ended && !FIXED {
            self.record.free();
        }
        has_ended
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
