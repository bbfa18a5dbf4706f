//! Data races on cells.
//!
//! Cells are not part of the memory model's choices: in a program without races an access to a cell has only one
//! value to read. So it is enough to ask, when an access is added, whether each conflicting access happens before
//! it. A race in a part of an execution is a race of the program, because every part that is closed under its
//! prefix is an execution of its own.

use super::event::{Event, EventId, Role};
use super::graph::{Graph, object_index};
use crate::executor::{is_by_unseen_count, use_beside_drop};
use crate::exploration::FailureKind;
use crate::operation::Operation;

/// The race between this access to a cell and an earlier one, if there is one.
pub(super) fn race_at(graph: &Graph, id: EventId) -> Option<FailureKind> {
    let access = graph.event(id);
    let object = object_index(&access.operation);
    let rival = (0..graph.threads().len() as u8)
        .filter_map(|thread| {
            let is_unordered = |(other, _): &(EventId, &Event)| !access.happens.contains(*other);
            // Whatever happens before is in front of whatever does not, so the first that is ordered ends it.
            if access.role == Role::CellWrite {
                graph.accesses(object, thread).take_while(is_unordered).last()
            } else {
                graph.exclusive_accesses(object, thread).take_while(is_unordered).last()
            }
        })
        .min_by_key(|(_, event)| event.stamp)?;
    Some(FailureKind::DataRace {
        first: Some(rival.1.operation.location.to_string()),
        second: Some(access.operation.location.to_string()),
    })
}

/// What is wrong where a thread that has performed so many events drops an object: whatever others do to it in the graph has
/// to happen before.
pub(super) fn use_beside_end(
    graph: &Graph,
    thread: u8,
    performed: u16,
    end: &Operation,
) -> Option<FailureKind> {
    let happens = graph.happens_before_next(thread, performed);
    let object = object_index(end);
    let others = (0..graph.threads().len() as u8).filter(|other| *other != thread);
    let is_unordered = |(other, _): &(EventId, &Event)| !happens.contains(*other);
    let last_of = |other: &u8| graph.accesses(object, *other).next();
    if !others.clone().filter_map(|other| last_of(&other)).any(|last| is_unordered(&last))
        || is_by_unseen_count()
    {
        return None;
    }
    let (_, rival) = others
        .filter_map(|other| graph.accesses(object, other).take_while(is_unordered).last())
        .min_by_key(|(_, event)| event.stamp)?;
    Some(FailureKind::Panic { message: use_beside_drop(rival.operation.location, end.location) })
}
