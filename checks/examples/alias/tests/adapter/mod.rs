//! The adapter: an operation that is canceled through a source, and may be completed once.

use std::sync::Arc;

use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Status, Unmark,
};

use super::Platform;
use super::source::CancellationSource;
use super::sync::Mutex;

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Unregistered,
    Registered,
    Called,
    Completed,
}

/// The operation.
pub struct Operation {
    source: CancellationSource,
    phase: Arc<Mutex<Phase>>,
}

impl Operation {
    fn phase(&self) -> Phase {
        *self.phase.lock().unwrap()
    }
}

impl CancelableRequest<Platform> for Operation {
    fn new() -> Self {
        Operation { source: CancellationSource::default(), phase: Arc::new(Mutex::new(Phase::Unregistered)) }
    }

    fn contract() -> Contract {
        Contract::DOTNET_UNREGISTER
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut phase = self.phase.lock().unwrap();
        match *phase {
            Phase::Unregistered => *phase = Phase::Registered,
            Phase::Registered if self.source.is_registered() => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Registered | Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(phase);
        let phase = Arc::clone(&self.phase);
        self.source.register(move || {
            *phase.lock().unwrap() = Phase::Called;
            callback.invoke();
        });
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        match self.phase() {
            Phase::Unregistered => Unmark::Refused(Misuse::NotMarked),
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Registered if self.source.unregister() => {
                *self.phase.lock().unwrap() = Phase::Unregistered;
                Unmark::Unmarked
            }
            Phase::Registered | Phase::Called => Unmark::Canceled,
        }
    }

    fn cancel(&self) -> Cancel {
        if self.source.cancel() { Cancel::Claimed } else { Cancel::NotClaimed }
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut phase = self.phase.lock().unwrap();
        match *phase {
            Phase::Unregistered | Phase::Called => {
                *phase = Phase::Completed;
                Complete::Completed
            }
            Phase::Registered if self.source.is_registered() => Complete::Refused(Misuse::StillCancelable),
            Phase::Registered => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        match self.phase() {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ if self.source.is_requested() => IsCanceled::Yes,
            _ => IsCanceled::No,
        }
    }
}
