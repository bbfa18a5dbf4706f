//! Purging a queue, and stopping it for a change of power.

use super::{Framework, Id, Lists, Place, dispatch};
use crate::runtime::Runtime;

/// How a queue is purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purge {
    /// Nobody waits for it.
    AndForget,
    /// The driver is told when it owns no request of the queue any more, and no callback of the queue runs; the queue is open
    /// again then.
    AndTell,
    /// The driver is told, as by [`Purge::AndTell`], and what it marks later is not canceled by the purge: as a plain purge is for
    /// drivers that were built for a framework before 1.11.
    LeavingLaterMarks,
}

pub(super) fn purge<R: Runtime>(framework: &Framework<R>, purge: Purge) {
    let mut lists = framework.queue(0);
    let tells = purge != Purge::AndForget;
    lists.is_purge_awaited = tells && !lists.is_purge_over();
    let is_over = tells && !lists.is_purge_awaited;
    lists.is_purged = !is_over && purge != Purge::LeavingLaterMarks;
    let queued: Vec<Id> = lists.queued.iter().copied().collect();
    framework.steps().claim_armed(framework, &mut lists);
    dispatch(framework, 0, lists);
    framework.steps().clean_up(framework, &queued);
    if is_over {
        framework.driver().on_purged();
    }
}

/// Each is taken by exchange. One whose slot is empty belongs to a canceler, who has still to take it off the list.
pub fn claim_armed<R: Runtime>(framework: &Framework<R>, lists: &mut Lists<R>) {
    for id in lists.armed.clone() {
        if framework.irp(id).take().is_some() {
            lists.unlink(id);
            framework.steps().hand_over(lists, id);
        }
    }
}

pub(super) fn stop<R: Runtime>(framework: &Framework<R>) {
    let mut lists = framework.queue(0);
    lists.is_power_held = true;
    let is_presented = |lists: &mut Lists<R>, id: Id| {
        let record = lists.records[id].as_ref();
        record.is_some_and(|record| record.place == Place::Owned && !record.is_canceled)
    };
    let all = lists.records.len();
    for id in 0..all {
        if is_presented(&mut lists, id) {
            let is_cancelable = lists.armed.contains(&id);
            drop(lists);
            framework.call_driver(|| framework.driver().on_stop(id, is_cancelable));
            lists = framework.queue(0);
        }
    }
    lists.is_power_held = false;
    dispatch(framework, 0, lists);
}
