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

/// Finds the reads that a new write may be given to. It is kept for its memory.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// What was found, newest first.
    reads: Vec<EventId>,
    /// By thread: how many of its events are no newer than where the search is.
    left: Vec<u16>,
    /// By object: the last place in coherence order of a write that was there before the event where the search is, or is
    /// in the prefix of the new write. The places only fall while the search goes on.
    bounds: Vec<Option<u16>>,
    /// The objects that have a bound.
    bounded: Vec<usize>,
}

impl Search {
    /// The reads that a new write of `object` with this prefix may be given to, newest first.
    ///
    /// The search goes back from the newest event to the oldest of these reads, or to the first event that is not maximal:
    /// older reads cannot be revisited. Without a read in question it looks at nothing.
    pub(super) fn revisitable(&mut self, graph: &Graph, object: usize, prefix: &Clock) -> &mut Vec<EventId> {
        self.reads.clear();
        let threads = 0..graph.threads().len() as u8;
        let outside = |thread: u8| {
            graph.accesses(object, thread).take_while(move |(id, _)| id.index >= prefix.of(id.thread))
        };
        let stamps = threads.clone().flat_map(outside).filter(|(_, event)| event.is_read());
        let Some(oldest) = stamps.map(|(_, event)| event.stamp).min() else { return &mut self.reads };
        self.left.clear();
        self.left.extend(threads.map(|thread| graph.events_of(thread).len() as u16));
        while let Some((id, event)) = self.newest_left(graph, prefix)
            && event.stamp >= oldest
            && self.is_maximal(graph, id, event, prefix)
        {
            self.left[usize::from(id.thread)] = id.index;
            if event.is_read() && object_index(&event.operation) == object {
                self.reads.push(id);
            }
        }
        for object in self.bounded.drain(..) {
            self.bounds[object] = None;
        }
        &mut self.reads
    }

    /// The newest event outside the prefix that was not looked at.
    fn newest_left<'g>(&self, graph: &'g Graph, prefix: &Clock) -> Option<(EventId, &'g Event)> {
        let last = |(thread, left): (usize, &u16)| {
            let id = EventId { thread: thread as u8, index: left.checked_sub(1)? };
            (!prefix.contains(id)).then(|| (id, graph.event(id)))
        };
        self.left.iter().enumerate().filter_map(last).max_by_key(|(_, event)| event.stamp)
    }

    /// Whether the event was added maximally, seen from a new write with this prefix.
    fn is_maximal(&mut self, graph: &Graph, id: EventId, event: &Event, prefix: &Clock) -> bool {
        match event.role {
            Role::Read(_) => {
                let object = object_index(&event.operation);
                let is_previous =
                    |source: EventId| prefix.contains(source) || graph.event(source).stamp <= event.stamp;
                let newest = self.last_previous(graph, object, event, prefix);
                let place = graph.position(event.source);
                event.choice == 0
                    && event.source.is_none_or(is_previous)
                    && (newest <= place
                        // A blocked read would have passed over any number of writes that do not unblock it.
                        || event.blocked().is_some()
                            && !graph.objects()[object].writes[place..newest].iter().any(|write| {
                                is_previous(*write) && enables(graph, id, event, graph.event(*write).value)
                            }))
            }
            // Nothing in the prefix reads it, for then it would be there as well.
            Role::Write { .. } => {
                let object = object_index(&event.operation);
                self.last_previous(graph, object, event, prefix) <= usize::from(event.place)
                    && !graph.is_taken(id, event)
            }
            Role::Fence | Role::CellRead | Role::CellWrite | Role::Spawn(_) | Role::Join(_) | Role::Step => {
                true
            }
        }
    }

    /// The last place in coherence order of a write that was there before the event, or is in the prefix.
    fn last_previous(&mut self, graph: &Graph, object: usize, event: &Event, prefix: &Clock) -> usize {
        let writes = &graph.objects()[object].writes;
        if self.bounds.len() <= object {
            self.bounds.resize(object + 1, None);
        }
        let bound = &mut self.bounds[object];
        if bound.is_none() {
            self.bounded.push(object);
        }
        let is_later = |write: &EventId| !prefix.contains(*write) && graph.event(*write).stamp > event.stamp;
        let from = usize::from(bound.unwrap_or(writes.len() as u16));
        let later = writes[..from].iter().rev().take_while(|write| is_later(write)).count();
        *bound = Some((from - later) as u16);
        from - later
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
