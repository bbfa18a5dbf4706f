//! The order in which the events of a graph are performed again.
//!
//! Any order along po and rf would do for the graph. But code under test may keep notes in plain memory, and a harness
//! does: a history of calls, counters. So wherever the graph is an interleaving, that is, where po, rf, co and fr
//! together have no cycle, its events are performed in an order along all four, and plain memory sees an
//! interleaving that explains every value read. What is added to the graph while it runs reads the newest write and
//! is written last, so it continues such an order.

use crate::engine::rc11::event::{EventId, Role};
use crate::engine::rc11::graph::{Graph, object_index};

/// How far each object has come.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// By object: where its places in coherence order begin in `reads`.
    starts: Vec<usize>,
    /// By place in coherence order: how many reads of that write are still to be performed.
    reads: Vec<u16>,
    /// By object: how many of its writes were performed.
    writes: Vec<usize>,
}

impl Pace {
    /// Nothing of the graph was performed.
    pub(super) fn reset(&mut self, graph: &Graph) {
        self.starts.clear();
        self.reads.clear();
        self.writes.clear();
        for object in graph.objects() {
            self.starts.push(self.reads.len());
            self.reads.resize(self.reads.len() + object.writes.len() + 1, 0);
            self.writes.push(0);
        }
        for (_, event) in graph.events() {
            if event.is_read() && event.blocked().is_none() {
                let object = object_index(&event.operation);
                self.reads[self.starts[object] + graph.position(event.source)] += 1;
            }
        }
    }

    /// Whether everything that comes before the step under co and fr was performed.
    pub(super) fn allows(&self, graph: &Graph, id: EventId) -> bool {
        let event = graph.event(id);
        let (place, own_reads) = match event.role {
            Role::Write { .. } => (graph.position(Some(id)), 0),
            _ if event.is_exclusive_read() => (graph.position(event.source) + 1, 1),
            _ => return true,
        };
        let object = object_index(&event.operation);
        // The writes before were performed in order, so of the reads only those of the last one can be left.
        self.writes[object] + 1 == place && self.reads[self.starts[object] + place - 1] == own_reads
    }

    /// These events, of one step, were performed.
    pub(super) fn perform(&mut self, graph: &Graph, first: EventId, events: u16) {
        for index in first.index..first.index + events {
            let id = EventId { index, ..first };
            let event = graph.event(id);
            let object = object_index(&event.operation);
            match event.role {
                Role::Read(_) => {
                    let reads = &mut self.reads[self.starts[object] + graph.position(event.source)];
                    *reads = reads.saturating_sub(1);
                }
                Role::Write { .. } => self.writes[object] += 1,
                _ => {}
            }
        }
    }
}
