//! A callback resumes a continuation that was canceled a moment ago, and resuming one that has ended is an error.

use super::parts::*;

/// A continuation, which a callback from outside resumes.
pub(super) struct Continuation<R: Runtime, const FIXED: bool>(Desk<R>);

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Continuation<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Continuation<R, FIXED> {
    fn new() -> Self {
        Continuation(Desk::new())
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        let resumed = self.0.finish(result);
        assert!(FIXED || resumed.is_ok(), "already resumed, but proposed with an update");
        resumed
    }

    fn cancel(&self) -> impl Answer {
        self.0.end()
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.0.receive()
    }
}
