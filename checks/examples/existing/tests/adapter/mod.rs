//! The adapter: an operation that is canceled by firing its slot, and may be completed once.

use std::sync::Arc;

use cancelproof::front_door::runtimes;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Status, Unmark,
};
use existing::slot::Emptied;
use existing::sync::Mutex;

use super::Slot;

#[cfg(loom)]
pub type Platform = runtimes::Loom;
#[cfg(not(loom))]
pub type Platform = runtimes::Std;

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Unmarked,
    Marked,
    Called,
    Completed,
}

/// The operation.
pub struct Operation {
    slot: Slot,
    phase: Arc<Mutex<Phase>>,
}

impl Operation {
    fn phase(&self) -> Phase {
        *self.phase.lock().unwrap()
    }
}

impl CancelableRequest<Platform> for Operation {
    fn new() -> Self {
        Operation { slot: Slot::default(), phase: Arc::new(Mutex::new(Phase::Unmarked)) }
    }

    fn contract() -> Contract {
        Contract::DOTNET_UNREGISTER
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut phase = self.phase.lock().unwrap();
        match *phase {
            Phase::Unmarked => *phase = Phase::Marked,
            Phase::Marked if !self.slot.is_fired() => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Marked | Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(phase);
        let phase = Arc::clone(&self.phase);
        self.slot.fill(move || {
            *phase.lock().unwrap() = Phase::Called;
            callback.invoke();
        });
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        match self.phase() {
            Phase::Unmarked => Unmark::Refused(Misuse::NotMarked),
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Called => Unmark::Canceled,
            Phase::Marked => match self.slot.empty() {
                Emptied::Fired => Unmark::Canceled,
                Emptied::Prevented => {
                    *self.phase.lock().unwrap() = Phase::Unmarked;
                    Unmark::Unmarked
                }
            },
        }
    }

    fn cancel(&self) -> Cancel {
        if self.slot.fire() { Cancel::Claimed } else { Cancel::NotClaimed }
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut phase = self.phase.lock().unwrap();
        match *phase {
            Phase::Unmarked | Phase::Called => {
                *phase = Phase::Completed;
                Complete::Completed
            }
            Phase::Marked if !self.slot.is_fired() => Complete::Refused(Misuse::StillCancelable),
            Phase::Marked => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        match self.phase() {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ if self.slot.is_fired() => IsCanceled::Yes,
            _ => IsCanceled::No,
        }
    }
}
