//! A complete execution as plain data, for tests and reports.

use super::event::{EventId, Role};
use super::graph::Graph;

/// A complete execution: for each thread, in program order, its accesses to memory and its fences.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Witness {
    /// By thread, the main one first.
    pub threads: Vec<Vec<WitnessEvent>>,
}

/// One operation of an execution.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WitnessEvent {
    /// The object, numbered in the order of creation; `None` for fences.
    pub object: Option<u16>,
    /// Where the value it reads comes from, if it reads.
    pub read: Option<Source>,
    /// The place in coherence order of its write, from 1, if it writes.
    pub written: Option<usize>,
    /// The value read, or else written.
    pub value: u64,
}

/// Where a read takes its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The initial value.
    Initial,
    /// The write of another operation.
    Write {
        /// Its thread.
        thread: usize,
        /// Its number among the accesses and fences of that thread.
        number: usize,
    },
}

impl Witness {
    pub(super) fn of(graph: &Graph) -> Self {
        let threads = (0..graph.threads().len() as u8)
            .map(|thread| {
                let indices = 0..graph.events_of(thread).len() as u16;
                indices.filter_map(|index| describe(graph, EventId { thread, index })).collect()
            })
            .collect();
        Witness { threads }
    }
}

/// The operation that begins with this event; `None` if none does, or if it is no access to memory.
fn describe(graph: &Graph, id: EventId) -> Option<WitnessEvent> {
    let event = graph.event(id);
    if !begins_access(event.role) {
        return None;
    }
    let object = event.operation.object.map(|object| object.0);
    let place = |write: EventId| graph.position(Some(write));
    let written = match event.role {
        Role::Write { .. } => Some(place(id)),
        _ if event.is_exclusive_read() => Some(place(EventId { index: id.index + 1, ..id })),
        _ => None,
    };
    let read = event.is_read().then(|| match event.source {
        None => Source::Initial,
        Some(write) => Source::Write { thread: usize::from(write.thread), number: number(graph, write) },
    });
    Some(WitnessEvent { object, read, written, value: event.value })
}

fn begins_access(role: Role) -> bool {
    matches!(role, Role::Read(_) | Role::Write { exclusive: false } | Role::Fence)
}

/// The number of the operation that the write is part of.
fn number(graph: &Graph, write: EventId) -> usize {
    let before = &graph.events_of(write.thread)[..=usize::from(write.index)];
    before.iter().filter(|event| begins_access(event.role)).count() - 1
}
