//! Requests that wait in a queue: put back, forwarded, retrieved, and canceled there.

use super::{Framework, Id, Lists, Locked, Place, dispatch, finish, note_completion, release};
use crate::machine::Misuse;
use crate::request::Status;
use crate::runtime::Runtime;

/// What putting a request into a queue answers.
#[must_use = "a refused request is still the caller's"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moved {
    /// The request is the framework's again; it may have ended at once, as canceled.
    Moved,
    /// The call was a misuse and had no effect.
    Refused(Misuse),
}

/// What retrieving a request answers.
#[must_use = "a request that was retrieved is the caller's to complete"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Retrieved {
    /// The driver owns this request now.
    Delivered(Id),
    /// There is none, or those that there are have been canceled.
    Empty,
}

pub(super) fn move_to<R: Runtime>(framework: &Framework<R>, id: Id, queue: usize) -> Moved {
    let home = framework.home(id);
    let mut lists = framework.queue(home);
    if let Err(misuse) = give_away(framework, &mut lists, id) {
        return Moved::Refused(misuse);
    }
    if queue != home {
        let record = lists.records[id].take();
        drop(lists);
        lists = framework.queue(queue);
        lists.records[id] = record;
        framework.set_home(id, queue);
    }
    put_back(framework, lists, queue, id);
    Moved::Moved
}

/// Whether a driver may give a request out of its hands.
pub(super) fn give_away<R: Runtime>(
    framework: &Framework<R>,
    lists: &mut Lists<R>,
    id: Id,
) -> Result<(), Misuse> {
    match lists.owned(id)? {
        record if record.is_marked => {
            Err(framework.why_marked(lists, id, Misuse::StillCancelable, Misuse::CancelClaimed))
        }
        record if record.is_told => Err(Misuse::CancelClaimed),
        _ => Ok(()),
    }
}

/// Puts a request into a queue: publishes the routine, then looks whether it may stay there.
pub fn put_back<'a, R: Runtime>(framework: &'a Framework<R>, mut lists: Locked<'a, R>, queue: usize, id: Id) {
    let record = lists.record(id);
    record.place = Place::Queued;
    record.references = 2;
    lists.queued.push_back(id);
    let irp = framework.irp(id);
    irp.publish(queue);
    if framework.steps().must_leave(framework, &lists, id) && framework.steps().take_back(irp) {
        framework.steps().cancel_on_queue(framework, lists, queue, id);
    }
}

pub(super) fn retrieve<R: Runtime>(framework: &Framework<R>, queue: usize) -> Retrieved {
    let mut lists = framework.queue(queue);
    // A request whose routine is gone has been claimed, and its canceler will take it off the list.
    let found = (0..lists.queued.len())
        .find(|&place| framework.steps().take_for_delivery(framework.irp(lists.queued[place])));
    let Some(id) = found.and_then(|place| lists.queued.remove(place)) else { return Retrieved::Empty };
    let record = lists.record(id);
    record.place = Place::Owned;
    record.was_delivered = true;
    record.references = 1;
    Retrieved::Delivered(id)
}

/// What becomes of a request that was claimed while it waited. The caller has claimed it.
pub(super) fn cancel_on_queue<'a, R: Runtime>(
    framework: &'a Framework<R>,
    mut lists: Locked<'a, R>,
    queue: usize,
    id: Id,
) {
    lists.queued.retain(|&queued| queued != id);
    let record = lists.record(id);
    record.is_canceled = true;
    if record.was_delivered && framework.settings().tells_on_queue {
        record.place = Place::Owned;
        record.is_told = true;
        record.references = 1;
        lists.canceled_on_queue.push_back(id);
        dispatch(framework, queue, lists);
        return;
    }
    // The queue's own reference goes first, and the object's with the completion.
    let _ = release(&mut lists, id);
    let settled = finish(&mut lists, id, Status::Canceled);
    drop(lists);
    note_completion(framework, id, settled);
}

pub(super) fn clean_up<R: Runtime>(framework: &Framework<R>, ids: &[Id]) {
    for queue in 0..framework.settings().queues {
        for &id in ids {
            let lists = framework.queue(queue);
            if lists.queued.contains(&id) && framework.irp(id).take().is_some() {
                framework.steps().cancel_on_queue(framework, lists, queue, id);
            }
        }
    }
}
