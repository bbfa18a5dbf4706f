//! The adapter: to cancel is to drop the future, which was polled once and is pending.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use cancelproof::model::contract::{CompleteAfterCancel, CompleteWhileCancelable, EndWhileCancelable};
use cancelproof::model::runtime::{Mutex, Runtime};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Status, Unmark,
};
use dropped_future::{Operation, Pending, operation};

/// A future is dropped once, at the latest with the request; the drop ends the operation, and calls the handler before it
/// returns.
pub const DROPPED_FUTURE: Contract = Contract {
    name: "DROPPED_FUTURE",
    complete_while_cancelable: CompleteWhileCancelable::Disarms,
    complete_after_cancel: CompleteAfterCancel::TooLate,
    end_while_cancelable: EndWhileCancelable::CallsBack,
    ..Contract::DOTNET_UNREGISTER
};

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Unmarked,
    Marked,
    Called,
    Completed,
}

/// The operation with its future, which is dropped as an `F`.
pub struct Dropped<R: Runtime, F: Send + 'static> {
    operation: Operation<R>,
    future: R::Mutex<Option<F>>,
    phase: Arc<R::Mutex<Phase>>,
}

impl<R: Runtime, F: From<Pending<R>> + Send + 'static> CancelableRequest<R> for Dropped<R, F> {
    fn new() -> Self {
        let (operation, mut future) = operation();
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(Pin::new(&mut future).poll(&mut context), Poll::Pending);
        let phase = Arc::new(R::Mutex::new(Phase::Unmarked));
        Dropped { operation, future: R::Mutex::new(Some(future.into())), phase }
    }

    fn contract() -> Contract {
        DROPPED_FUTURE
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut phase = self.phase.lock();
        match *phase {
            Phase::Unmarked => *phase = Phase::Marked,
            Phase::Marked if !self.operation.is_abandoned() => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Marked | Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(phase);
        let phase = Arc::clone(&self.phase);
        self.operation.install(move || {
            *phase.lock() = Phase::Called;
            callback.invoke();
        });
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        let phase = *self.phase.lock();
        match phase {
            Phase::Unmarked => Unmark::Refused(Misuse::NotMarked),
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Marked if self.operation.uninstall() => {
                *self.phase.lock() = Phase::Unmarked;
                Unmark::Unmarked
            }
            Phase::Marked | Phase::Called => Unmark::Canceled,
        }
    }

    fn cancel(&self) -> Cancel {
        if *self.phase.lock() == Phase::Called {
            return Cancel::NotClaimed;
        }
        // Dropped under the lock, so that a second cancel is answered after the first has ended the operation. A cancel in
        // the callback never comes here.
        let mut future = self.future.lock();
        let is_first = future.is_some();
        *future = None;
        drop(future);
        // There is one drop, so a handler that was called was called for it.
        if is_first && *self.phase.lock() == Phase::Called { Cancel::Claimed } else { Cancel::NotClaimed }
    }

    fn complete(&self, _status: Status) -> Complete {
        if *self.phase.lock() == Phase::Completed {
            return Complete::Refused(Misuse::AlreadyCompleted);
        }
        if !self.operation.complete() {
            return Complete::Canceled;
        }
        *self.phase.lock() = Phase::Completed;
        Complete::Completed
    }

    fn is_canceled(&self) -> IsCanceled {
        let phase = *self.phase.lock();
        match phase {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ if self.operation.is_abandoned() => IsCanceled::Yes,
            _ => IsCanceled::No,
        }
    }
}
