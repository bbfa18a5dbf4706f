//! **queue**: a request on the queue of a framework, canceled by the framework's own algorithm.
//!
//! The whole of it is the [framework](crate::framework); here is one request of it, delivered to its driver and alone
//! on its queue, with the calls of a [`CancelableRequest`]. With several requests, purges and the rest of what
//! queues do it is explored by programs of its own.

use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::framework::{Framework, Record, Reference, Settings, Steps};
use crate::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::Runtime;

/// The reference request **queue**.
#[derive(Debug)]
pub struct Queue<R: Runtime>(Framework<R>);

impl<R: Runtime> Queue<R> {
    /// A pending request that keeps `contract`. Contracts whose unmark waits, or whose completion unmarks, are no
    /// framework's with a dispatcher: those two calls answer here as under the others.
    #[must_use]
    #[track_caller]
    pub fn with_contract(contract: Contract) -> Self {
        Self::with_steps(contract, Box::new(Reference))
    }

    /// The same with other steps.
    #[must_use]
    #[track_caller]
    pub fn with_steps(contract: Contract, steps: Box<dyn Steps<R>>) -> Self {
        let settings = Settings { contract, queues: 1, is_synchronized: false, tells_on_queue: false };
        Queue(Framework::new(settings, vec![Record::delivered()], Arc::new(()), steps))
    }
}

impl<R: Runtime> CancelableRequest<R> for Queue<R> {
    #[track_caller]
    fn new() -> Self {
        Self::with_contract(Contract::UMDF_1)
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.0.mark(0, callback)
    }

    fn unmark(&self) -> Unmark {
        self.0.unmark(0)
    }

    fn cancel(&self) -> Cancel {
        self.0.cancel(0)
    }

    fn complete(&self, status: Status) -> Complete {
        self.0.complete(0, status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.0.is_canceled(0)
    }

    fn settle(&self) {
        self.0.settle();
    }
}
