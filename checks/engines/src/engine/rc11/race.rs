//! Data races on cells.
//!
//! Cells are not part of the memory model's choices: in a program without races an access to a cell has only one
//! value to read. So it is enough to ask, when an access is added, whether each conflicting access happens before
//! it. A race in a part of an execution is a race of the program, because every part that is closed under its
//! prefix is an execution of its own.

use super::event::{EventId, Role};
use super::graph::Graph;
use crate::executor::{is_by_unseen_count, use_beside_drop};
use crate::exploration::FailureKind;
use crate::operation::Operation;

/// The race between this access to a cell and an earlier one, if there is one.
pub(super) fn race_at(graph: &Graph, id: EventId) -> Option<FailureKind> {
    let access = graph.event(id);
    let rival = graph
        .events()
        .filter(|(other, event)| {
            event.operation.object == access.operation.object
                && is_cell_access(event.role)
                && (event.role == Role::CellWrite || access.role == Role::CellWrite)
                && !access.happens.contains(*other)
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
    let (_, rival) = graph
        .events()
        .filter(|(other, event)| {
            event.operation.object == end.object && other.thread != thread && !happens.contains(*other)
        })
        .min_by_key(|(_, event)| event.stamp)?;
    if is_by_unseen_count() {
        return None;
    }
    Some(FailureKind::Panic { message: use_beside_drop(rival.operation.location, end.location) })
}

fn is_cell_access(role: Role) -> bool {
    matches!(role, Role::CellRead | Role::CellWrite)
}
