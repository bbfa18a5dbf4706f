//! The places that a write may take, and the ways to give it to a read.

use crate::engine::rc11::coherence::least_position;
use crate::engine::rc11::event::{Continuation, EventId, Role};
use crate::engine::rc11::graph::{Graph, NewWrite, object_index};
use crate::engine::rc11::revisit::enables;
use crate::engine::rc11::semantics::{self, Effect, Spurious, write_strength};
use crate::operation::{Action, Operation};

/// Whether it is of use to give a read another write with this value: not if it waits and would go on waiting in
/// any case.
pub(super) fn is_of_use(graph: &Graph, read: EventId, value: u64, spurious: Spurious) -> bool {
    let event = graph.event(read);
    event.blocked().is_none() || enables(graph, read, event, value) || {
        let before = &graph.events_of(read.thread)[..usize::from(read.index)];
        let mask = graph.object(&event.operation).mask;
        let spurious = spurious.allows(before, &event.operation);
        semantics::choices(&event.operation, read.thread, value, mask, spurious) > 1
    }
}

/// The coherent places for a write, least first.
pub(super) fn places(graph: &Graph, write: &NewWrite) -> Vec<u16> {
    let object = object_index(&write.operation);
    if write.exclusive {
        let source = graph.last_of(write.thread).and_then(|(_, read)| read.source);
        let place = graph.position(source) + 1;
        return if graph.is_bound_to_predecessor(object, place) { Vec::new() } else { vec![place as u16] };
    }
    let least = least_position(graph, write.thread, object) + 1;
    let end = graph.objects()[object].writes.len() + 1;
    (least..=end)
        .filter(|place| !graph.is_bound_to_predecessor(object, *place))
        .map(|place| place as u16)
        .collect()
}

/// The ways to give the write to the read, in the graph without both: the write's place, and the result of the
/// read.
pub(super) fn ways_to_revisit(
    graph: &Graph,
    write: &NewWrite,
    read: EventId,
    operation: &Operation,
    spurious: Spurious,
) -> Vec<(usize, u8)> {
    let object = object_index(operation);
    let least = least_position(graph, read.thread, object);
    let mask = graph.objects()[object].mask;
    let spurious = spurious.allows(graph.events_of(read.thread), operation);
    let results = semantics::choices(operation, read.thread, write.value, mask, spurious);
    // To wait with another value is to wait, as it did before.
    let goes_on = |result: &u8| {
        results == 1 || semantics::effect(operation, read.thread, write.value, *result, mask) != Effect::Wait
    };
    places(graph, write)
        .into_iter()
        .map(usize::from)
        .filter(|place| *place > least)
        .flat_map(|place| (0..results).filter(goes_on).map(move |result| (place, result)))
        .collect()
}

/// A write that must be the next event of the graph.
pub(super) fn unsettled(graph: &Graph) -> Option<NewWrite> {
    let threads = 0..graph.threads().len() as u8;
    let last = |thread| graph.last_of(thread).map(|(_, event)| (thread, event));
    let update = threads.clone().filter_map(last).find_map(|(thread, event)| match event.role {
        Role::Read(Continuation::Write(value)) => {
            let strength = write_strength(&event.operation);
            Some(NewWrite { thread, operation: event.operation, value, exclusive: true, strength })
        }
        _ => None,
    });
    update.or_else(|| {
        threads.filter_map(last).find_map(|(thread, event)| {
            let Action::WaitBegin { lock } = event.operation.action else { return None };
            if !event.is_write() || event.operation.object == Some(lock) {
                return None;
            }
            let operation = Operation { action: Action::Unlock, object: Some(lock), ..event.operation };
            let strength = write_strength(&operation);
            Some(NewWrite { thread, operation, value: 0, exclusive: false, strength })
        })
    })
}
