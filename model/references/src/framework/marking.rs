//! Mark, unmark and cancel: who wins the routine.

use std::sync::Arc;

use super::{Framework, Id, Lists, Locked, Place, dispatch};
use crate::callback::Callback;
use crate::contract::MarkAfterCancel;
use crate::machine::Misuse;
use crate::request::{Cancel, Mark, Unmark};
use crate::runtime::Runtime;

/// What arming a request has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armed {
    /// The request is armed; or a canceler has claimed it meanwhile and calls back.
    Armed,
    /// The request had been canceled, or its queue is being purged; nobody has claimed it.
    AlreadyCanceled,
}

pub(super) fn mark<R: Runtime>(framework: &Framework<R>, id: Id, callback: Callback) -> Mark {
    // The callback is released after the lock is, whatever comes: releasing it runs code of the driver's.
    let callback = Arc::new(callback);
    let mut lists = framework.lists(id);
    if let Err(misuse) = why_not_markable(framework, &mut lists, id) {
        drop(lists);
        return Mark::Refused(misuse);
    }
    match framework.steps().arm(framework, &mut lists, id, callback) {
        Armed::Armed => Mark::Marked,
        Armed::AlreadyCanceled => framework.steps().mark_canceled(framework, lists, id),
    }
}

fn why_not_markable<R: Runtime>(
    framework: &Framework<R>,
    lists: &mut Lists<R>,
    id: Id,
) -> Result<(), Misuse> {
    let record = lists.owned(id)?;
    if record.is_marked {
        return Err(framework.why_marked(lists, id, Misuse::AlreadyMarked, Misuse::CancelClaimed));
    }
    if record.is_told { Err(Misuse::CancelClaimed) } else { Ok(()) }
}

/// Publishes the routine, and then looks at the cancel bit. A purged queue answers for all its requests, and their
/// packets are not looked at.
pub fn arm<R: Runtime>(
    framework: &Framework<R>,
    lists: &mut Lists<R>,
    id: Id,
    callback: Arc<Callback>,
) -> Armed {
    let is_purged = lists.is_purged;
    let record = lists.record(id);
    record.is_marked = true;
    record.callback = Some(callback);
    if is_purged {
        return Armed::AlreadyCanceled;
    }
    record.references += 1;
    lists.armed.push(id);
    let irp = framework.irp(id);
    irp.publish(framework.home(id));
    if !irp.is_bit_set() || !framework.steps().take_back(irp) {
        return Armed::Armed;
    }
    lists.unlink(id);
    lists.record(id).references -= 1;
    Armed::AlreadyCanceled
}

/// Calls back by way of the dispatcher, or takes the mark back and says so.
pub fn mark_canceled<'a, R: Runtime>(framework: &'a Framework<R>, mut lists: Locked<'a, R>, id: Id) -> Mark {
    match framework.settings().contract.mark_after_cancel {
        MarkAfterCancel::CallsBack => {
            lists.record(id).references += 1;
            framework.steps().hand_over(&mut lists, id);
            dispatch(framework, framework.home(id), lists);
            Mark::Marked
        }
        MarkAfterCancel::Refuses | MarkAfterCancel::Ignores => {
            let record = lists.record(id);
            record.is_marked = false;
            let callback = record.callback.take();
            drop(lists);
            drop(callback);
            Mark::Canceled
        }
    }
}

pub(super) fn unmark<R: Runtime>(framework: &Framework<R>, id: Id) -> Unmark {
    let mut lists = framework.lists(id);
    match lists.owned(id) {
        Err(misuse) => return Unmark::Refused(misuse),
        Ok(record) if !record.is_marked => return Unmark::Refused(Misuse::NotMarked),
        Ok(_) => {}
    }
    if !lists.armed.contains(&id) || !framework.steps().withdraw(&lists, framework.irp(id), id) {
        return Unmark::Canceled;
    }
    let callback = disarm(&mut lists, id);
    drop(lists);
    drop(callback);
    Unmark::Unmarked
}

/// Undoes an arming, under the queue lock; the callback is to be released when the lock is not held any more.
pub fn disarm<R: Runtime>(lists: &mut Lists<R>, id: Id) -> Option<Arc<Callback>> {
    lists.unlink(id);
    let record = lists.record(id);
    record.references -= 1;
    record.is_marked = false;
    record.callback.take()
}

pub(super) fn cancel<R: Runtime>(framework: &Framework<R>, id: Id) -> Cancel {
    let irp = framework.irp(id);
    irp.set_bit();
    let Some(queue) = framework.steps().claim(irp) else { return Cancel::NotClaimed };
    let mut lists = framework.queue(queue);
    if lists.record(id).place == Place::Queued {
        framework.steps().cancel_on_queue(framework, lists, queue, id);
    } else {
        lists.unlink(id);
        framework.steps().hand_over(&mut lists, id);
        dispatch(framework, queue, lists);
    }
    Cancel::Claimed
}

/// From here on the dispatcher owes the callback.
pub fn hand_over<R: Runtime>(lists: &mut Lists<R>, id: Id) {
    lists.record(id).is_canceled = true;
    lists.canceled.push_back(id);
}
