//! The axiom of sequential consistency: the relation psc of RC11 has no cycle.
//!
//! The graph had none before an event was added, and nothing follows that event under happens-before. So what a new cycle
//! needs is that the event is not last in coherence order, and the cycle goes through it: it leaves the event along
//! coherence order or from-read, and comes back. It is looked for from there.
//!
//! An edge of psc is a path of simpler steps, and to have every edge from every event to every other would take more time
//! than all else for long executions. So the search goes along the steps themselves (`paths.rs`), and comes to each event at most
//! once in each state that it can be in on such a path: its time is linear in the length of the execution, whatever the
//! number of sequentially consistent events. `definition.rs` has the relation as the paper has it, and the tests of this crate ask both.

#[cfg(test)]
mod definition;
mod paths;
mod tables;
#[cfg(test)]
mod tests;

use self::paths::{Paths, State};
use self::tables::Tables;
use super::event::{Event, EventId, Role};
use super::graph::{Graph, object_index};

/// Looks for cycles of psc. It is kept for its memory.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    tables: Tables,
    paths: Paths,
}

impl Sequence {
    /// Whether psc has no cycle, if it had none before the events `new` were added: one that nothing follows, or a write and
    /// the read that takes it.
    pub(super) fn is_kept(&mut self, graph: &Graph, new: &[EventId]) -> bool {
        let is_kept =
            !new.iter().any(|id| may_close_cycle(graph, *id)) || !self.has_cycle_through(graph, new);
        #[cfg(test)]
        tests::compare(graph, new, is_kept);
        is_kept
    }

    fn has_cycle_through(&mut self, graph: &Graph, new: &[EventId]) -> bool {
        self.tables.renew(graph);
        new.iter().any(|id| {
            let event = graph.event(*id);
            let is_after_fence = self.tables.fences().iter().any(|fence| is_before(*fence, *id, event));
            let begins = event.sequential || is_after_fence;
            begins && self.paths.lead_back(graph, &self.tables, State::Begin, *id)
                || is_after_fence && self.paths.lead_back(graph, &self.tables, State::AfterFence, *id)
        })
    }
}

/// Whether a cycle can leave the event. Without fences a path leads from one sequentially consistent access to the next.
fn may_close_cycle(graph: &Graph, id: EventId) -> bool {
    let event = graph.event(id);
    if !event.is_read() && !event.is_write() {
        return false;
    }
    let later = later_writes(graph, id, event);
    if graph.has_sequential_fences() {
        return !later.is_empty();
    }
    event.sequential && later.iter().any(|write| graph.event(*write).sequential)
}

/// The writes that come after the access under coherence order or from-read.
fn later_writes<'g>(graph: &'g Graph, id: EventId, event: &Event) -> &'g [EventId] {
    let place = if event.is_write() { graph.position(Some(id)) } else { graph.position(event.source) };
    &graph.objects()[object_index(&event.operation)].writes[place..]
}

fn is_before(one: EventId, other: EventId, event: &Event) -> bool {
    one != other && event.happens.contains(one)
}

/// The object, of an access to memory.
fn object_of(event: &Event) -> Option<usize> {
    (event.is_read() || event.is_write()).then(|| object_index(&event.operation))
}

/// Whether the event is one of the model.
fn is_of_model(event: &Event) -> bool {
    !matches!(event.role, Role::Spawn(_) | Role::Join(_) | Role::Step)
}

/// Whether the event is one of the model, and no access to this object.
fn is_elsewhere(event: &Event, object: Option<usize>) -> bool {
    is_of_model(event) && (object.is_none() || object_of(event) != object)
}
