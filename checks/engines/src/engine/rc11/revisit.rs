//! Which earlier reads a new write may be given to.
//!
//! A write that is added after a read of the same object was not there for the read to choose. It is offered to
//! the read afterwards: everything that was added since the read, and that the write does not depend on, is
//! removed, and the read takes the write. To reach each graph along one path only, this is done only from the one
//! graph in which everything removed, and the read itself, had been added *maximally*: each read reading the
//! newest write, each write last in coherence order and read by nobody, among what was there at its time or is
//! in the prefix of the new write.

use super::clock::Clock;
use super::event::{Blocked, Event, EventId, Role};
use super::graph::{Graph, object_index};
use super::semantics::{self, Effect};

/// Collects into `reads` the reads that a new write of `object` with this prefix may be given to, newest first.
pub(super) fn revisitable(
    graph: &Graph,
    object: usize,
    prefix: &Clock,
    scratch: &mut Vec<(u32, EventId)>,
    reads: &mut Vec<EventId>,
) {
    scratch.clear();
    reads.clear();
    for thread in 0..graph.threads().len() as u8 {
        let first = prefix.of(thread);
        let outside = graph.events_of(thread).iter().enumerate().skip(usize::from(first));
        scratch.extend(outside.map(|(index, event)| (event.stamp, EventId { thread, index: index as u16 })));
    }
    scratch.sort_unstable_by_key(|(stamp, _)| core::cmp::Reverse(*stamp));
    for (_, id) in scratch.iter() {
        // Everything newer than this event is maximal. If this one is not, no older read can be revisited.
        let event = graph.event(*id);
        if !is_maximal(graph, *id, event, prefix) {
            return;
        }
        if event.is_read() && object_index(&event.operation) == object {
            reads.push(*id);
        }
    }
}

/// Whether the event was added maximally, seen from a new write with this prefix.
fn is_maximal(graph: &Graph, id: EventId, event: &Event, prefix: &Clock) -> bool {
    let previous = |other: EventId| prefix.contains(other) || graph.event(other).stamp <= event.stamp;
    match event.role {
        Role::Read(_) => {
            let object = object_index(&event.operation);
            // A blocked read would have passed over any number of writes that do not unblock it.
            let is_blocked = event.blocked().is_some();
            let rivals =
                |write: &EventId| !is_blocked || enables(graph, id, event, graph.event(*write).value);
            event.choice == 0
                && event.source.is_none_or(previous)
                && !newer_writes(graph, object, event.source).filter(rivals).any(previous)
        }
        Role::Write { .. } => {
            let object = object_index(&event.operation);
            !newer_writes(graph, object, Some(id)).any(previous) && !is_read(graph, id, previous)
        }
        Role::Fence | Role::CellRead | Role::CellWrite | Role::Spawn(_) | Role::Join(_) | Role::Step => true,
    }
}

/// Whether a blocked read of a write with this value would let its thread go on.
pub(super) fn enables(graph: &Graph, id: EventId, event: &Event, value: u64) -> bool {
    let mask = graph.object(&event.operation).mask;
    match event.blocked() {
        Some(Blocked::Waiting) => {
            semantics::effect(&event.operation, id.thread, value, 0, mask) != Effect::Wait
        }
        Some(Blocked::Failed) => {
            semantics::effect(&event.operation, id.thread, value, 0, mask) != Effect::None
        }
        Some(Blocked::Repeating | Blocked::WornOut) | None => true,
    }
}

fn newer_writes(graph: &Graph, object: usize, write: Option<EventId>) -> impl Iterator<Item = EventId> {
    let position = graph.position(object, write);
    graph.objects()[object].writes[position..].iter().copied()
}

fn is_read(graph: &Graph, write: EventId, by: impl Fn(EventId) -> bool) -> bool {
    graph.events().any(|(reader, event)| event.source == Some(write) && event.is_read() && by(reader))
}
