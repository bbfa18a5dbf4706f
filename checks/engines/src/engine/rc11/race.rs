//! Data races on cells.
//!
//! Cells are not part of the memory model's choices: in a program without races an access to a cell has only one
//! value to read. So it is enough to ask, when an access is added, whether each conflicting access happens before
//! it. A race in a part of an execution is a race of the program, because every part that is closed under its
//! prefix is an execution of its own.

use super::event::{EventId, Role};
use super::graph::Graph;
use crate::exploration::FailureKind;

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

fn is_cell_access(role: Role) -> bool {
    matches!(role, Role::CellRead | Role::CellWrite)
}
