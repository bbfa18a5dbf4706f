//! Requests that their driver sends on, to the driver below.
//!
//! The packet stays the same, so the driver below puts a routine of its own into the slot, where the framework's would
//! still be if the request were marked. No published framework looks: the target's list entry overwrites the link by
//! which a cancel would find the request. This one refuses.
//!
//! # Source
//!
//! Section 2.4 of the specification, on sending to an I/O target; the static rule `ReqMarkCancelableSend`.

use super::{Framework, Id, Locked, Moved, Place, finish, moving, note_completion, release};
use crate::request::Status;
use crate::runtime::Runtime;

pub(super) fn send_down<R: Runtime>(framework: &Framework<R>, id: Id) -> Moved {
    let mut lists = framework.lists(id);
    if let Err(misuse) = moving::give_away(framework, &mut lists, id) {
        return Moved::Refused(misuse);
    }
    hand_down(framework, lists, id);
    Moved::Moved
}

/// The driver below gets a request: it publishes its routine, then looks whether the request has been canceled.
pub fn hand_down<'a, R: Runtime>(framework: &'a Framework<R>, mut lists: Locked<'a, R>, id: Id) {
    let record = lists.record(id);
    record.place = Place::Queued;
    record.references = 2;
    // Whatever becomes of it below, its own driver is told of its end only.
    record.was_delivered = false;
    let irp = framework.irp(id);
    irp.publish(framework.home(id));
    if irp.is_bit_set() && framework.steps().take_back(irp) {
        framework.steps().cancel_on_queue(framework, lists, framework.home(id), id);
    }
}

/// The driver below ends a request with success, unless it is being canceled.
pub(super) fn end_down<R: Runtime>(framework: &Framework<R>, id: Id) {
    if framework.irp(id).take().is_none() {
        return;
    }
    let mut lists = framework.lists(id);
    let _ = release(&mut lists, id);
    let settled = finish(&mut lists, id, Status::Success);
    drop(lists);
    note_completion(framework, id, settled);
}
