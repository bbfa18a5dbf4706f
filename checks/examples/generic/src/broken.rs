//! The twin that is broken: cancel looks in one critical section and claims in another.

use cancelproof_model::runtime::{Mutex, Runtime};
use cancelproof_model::{Callback, Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};

use super::{Phase, Ticket};

/// A [`Ticket`] with one call that is wrong.
pub struct BrokenTicket<R: Runtime>(Ticket<R>);

impl<R: Runtime> CancelableRequest<R> for BrokenTicket<R> {
    fn new() -> Self {
        BrokenTicket(Ticket::new())
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.0.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        self.0.unmark()
    }

    fn cancel(&self) -> Cancel {
        let target = self.0.0.lock().callback.as_ref().map(Callback::target);
        let Some(target) = target else { return self.0.cancel() };
        // Between the two another cancel may do the same.
        let mut inner = self.0.0.lock();
        inner.cancel_asked = true;
        inner.phase = Phase::Notified;
        drop(inner);
        target.invoke();
        Cancel::Claimed
    }

    fn complete(&self, status: Status) -> Complete {
        self.0.complete(status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.0.is_canceled()
    }
}
