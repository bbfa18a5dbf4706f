//! Completion, and the references that end with it.

use super::{Framework, Id, Lists, Place, Record};
use crate::contract::IsCanceledWhileMarked;
use crate::machine::Misuse;
use crate::request::{Complete, IsCanceled, Status};
use crate::runtime::Runtime;

/// What has come to an end under the lock of a queue, to be told when the lock is not held any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The request has ended so.
    pub completed: Option<Status>,
    /// Its last reference is gone.
    pub is_destroyed: bool,
    /// The purge that the driver waits for has ended.
    pub is_purged: bool,
}

impl<R: Runtime> Lists<R> {
    /// The request of that number, if the driver owns it.
    ///
    /// # Errors
    ///
    /// Returns the misuse that any driver's call is otherwise.
    pub fn owned(&mut self, id: Id) -> Result<&mut Record, Misuse> {
        match &mut self.records[id] {
            None => Err(Misuse::NotOwned),
            Some(record) => match record.place {
                Place::Queued => Err(Misuse::NotOwned),
                Place::Completed => Err(Misuse::AlreadyCompleted),
                Place::Owned => Ok(record),
            },
        }
    }
}

pub(super) fn complete<R: Runtime>(framework: &Framework<R>, id: Id, status: Status) -> Complete {
    let mut lists = framework.lists(id);
    match lists.owned(id) {
        Err(misuse) => return Complete::Refused(misuse),
        Ok(record) if record.is_marked && !record.is_notified => {
            let misuse = framework.why_marked(&lists, id, Misuse::StillCancelable, Misuse::CallbackPromised);
            return Complete::Refused(misuse);
        }
        Ok(_) => {}
    }
    let settled = finish(&mut lists, id, status);
    drop(lists);
    note_completion(framework, id, settled);
    Complete::Completed
}

/// Ends a request, under the queue lock, and gives back the reference that delivery took.
pub fn finish<R: Runtime>(lists: &mut Lists<R>, id: Id, status: Status) -> Settled {
    lists.record(id).place = Place::Completed;
    let is_destroyed = release(lists, id);
    let is_purged = lists.end_purge();
    Settled { completed: Some(status), is_destroyed, is_purged }
}

/// Gives a reference back, under the queue lock; whether it was the last.
#[must_use]
pub fn release<R: Runtime>(lists: &mut Lists<R>, id: Id) -> bool {
    let record = lists.record(id);
    // One too many is a fault's doing, and shows as a request that is destroyed too early.
    record.references = record.references.saturating_sub(1);
    record.references == 0
}

/// Tells what has come to an end. No lock is held.
pub fn note_completion<R: Runtime>(framework: &Framework<R>, id: Id, settled: Settled) {
    if let Some(status) = settled.completed {
        framework.driver().on_completed(id, status);
    }
    if settled.is_destroyed {
        framework.driver().on_destroyed(id);
    }
    if settled.is_purged {
        framework.driver().on_purged();
    }
}

pub(super) fn is_canceled<R: Runtime>(framework: &Framework<R>, id: Id) -> IsCanceled {
    let mut lists = framework.lists(id);
    match lists.owned(id) {
        Err(misuse) => IsCanceled::Refused(misuse),
        Ok(record) if record.is_marked => {
            let misuse = framework.why_marked(&lists, id, Misuse::StillCancelable, Misuse::CancelClaimed);
            match framework.settings().contract.is_canceled_while_marked {
                IsCanceledWhileMarked::AnswersNo => IsCanceled::No,
                IsCanceledWhileMarked::Refuses => IsCanceled::Refused(misuse),
                IsCanceledWhileMarked::Tells if misuse == Misuse::CancelClaimed => IsCanceled::Yes,
                IsCanceledWhileMarked::Tells => IsCanceled::No,
            }
        }
        Ok(record) if record.is_canceled || framework.irp(id).is_bit_set() => IsCanceled::Yes,
        Ok(_) => IsCanceled::No,
    }
}
