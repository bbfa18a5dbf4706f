//! A handler looks whether the continuation was canceled, and the cancel comes between that look and the resumption.

use super::parts::*;

/// A call with a continuation, which the call's handler resumes.
pub(super) struct Call<R: Runtime, const FIXED: bool> {
    is_canceled: R::AtomicU8,
    continuation: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Call<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Call<R, FIXED> {
    fn new() -> Self {
        Call { is_canceled: Atomic::new(0), continuation: Desk::new() }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        if self.is_canceled.load(Acquire) == 1 {
            return Err(result);
        }
        let resumed = self.continuation.finish(result);
        assert!(FIXED || resumed.is_ok(), "the continuation was resumed after its cancel");
        resumed
    }

    fn cancel(&self) -> impl Answer {
        let has_ended = self.continuation.end();
        if has_ended {
            self.is_canceled.swap(1, AcqRel);
        }
        has_ended
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.continuation.receive()
    }
}
