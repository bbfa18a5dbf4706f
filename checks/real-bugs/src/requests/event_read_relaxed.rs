//! A result is written and announced by an operation that releases; whoever reads the announcement does so by a relaxed load.

use super::parts::*;

/// A request whose result lies beside the event that announces it.
pub(super) struct Announced<R: Runtime, const FIXED: bool> {
    event: R::AtomicU32,
    result: Plain<R, u8>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Announced<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Announced<R, FIXED> {
    fn new() -> Self {
        Announced { event: Atomic::new(0), result: Plain::new(0), outcome: Desk::new() }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        self.result.set(1);
        self.event.store(1, Release);
        self.outcome.finish(result)
    }

    fn cancel(&self) -> impl Answer {
        self.outcome.end()
    }

    fn receive(&self) -> Option<Ticket<R>> {
        if self.event.load(if FIXED { Acquire } else { Relaxed }) == 1 {
            let _result = self.result.get();
        }
        self.outcome.receive()
    }
}
