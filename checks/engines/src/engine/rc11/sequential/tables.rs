//! What the search for cycles asks of a graph again and again, found in one pass.

use super::{is_elsewhere, is_of_model, object_of};
use crate::engine::rc11::event::{Event, EventId};
use crate::engine::rc11::graph::Graph;

/// No event.
const NONE: u16 = u16::MAX;

/// Tables of one graph, by the number of an event: see [`Tables::number`].
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// By thread: the number of its first event.
    starts: Vec<usize>,
    after: Vec<After>,
    /// By event: where its list of events of other threads begins that it happens right before, in `links`; 0 if it has none.
    crossings: Vec<u32>,
    /// By write: where its list of reads begins, in `links`.
    readers: Vec<u32>,
    /// Members of lists, each with the next one. The first is none.
    links: Vec<(EventId, u32)>,
    fences: Vec<EventId>,
    /// By object and thread: the accesses.
    accesses: Vec<Vec<u16>>,
    /// Those that are not empty.
    accessed: Vec<usize>,
    threads: usize,
}

/// What comes after an event in program order, in its own thread: indices.
#[derive(Clone, Copy, Debug)]
struct After {
    /// The first event of the model, this one included.
    model: u16,
    /// For an event of the model, the first that is elsewhere.
    elsewhere: u16,
    /// The first sequentially consistent event, this one included.
    sequential: u16,
    /// For a sequentially consistent event, the first such event that is elsewhere.
    sequential_elsewhere: u16,
}

impl Tables {
    /// Takes the tables of this graph.
    pub(super) fn renew(&mut self, graph: &Graph) {
        for place in self.accessed.drain(..) {
            self.accesses[place].clear();
        }
        self.threads = graph.threads().len();
        let places = graph.objects().len() * self.threads;
        if self.accesses.len() < places {
            self.accesses.resize_with(places, Vec::new);
        }
        self.starts.clear();
        let mut events = 0;
        for thread in 0..self.threads as u8 {
            self.starts.push(events);
            events += graph.events_of(thread).len();
        }
        self.after.clear();
        self.links.clear();
        self.links.push((EventId { thread: 0, index: 0 }, 0));
        self.fences.clear();
        for list in [&mut self.crossings, &mut self.readers] {
            list.clear();
            list.resize(events, 0);
        }
        for thread in 0..self.threads as u8 {
            self.look_ahead(graph.events_of(thread));
            for (index, event) in graph.events_of(thread).iter().enumerate() {
                self.add(graph, EventId { thread, index: index as u16 }, event);
            }
        }
    }

    /// Fills `after` for the next thread.
    fn look_ahead(&mut self, events: &[Event]) {
        let start = self.after.len();
        let end = After { model: NONE, elsewhere: NONE, sequential: NONE, sequential_elsewhere: NONE };
        self.after.resize(start + events.len(), end);
        let after = &mut self.after[start..];
        let mut next = end;
        for (index, event) in events.iter().enumerate().rev() {
            let object = object_of(event);
            // What is no elsewhere of this event is an access to the same object, and has the same elsewhere.
            let beyond = |at: u16, elsewhere: fn(&After) -> u16| match events.get(usize::from(at)) {
                Some(found) if !is_elsewhere(found, object) => elsewhere(&after[usize::from(at)]),
                _ => at,
            };
            let mut this = next;
            if is_of_model(event) {
                this.elsewhere = beyond(next.model, |after| after.elsewhere);
                this.model = index as u16;
            }
            if event.sequential {
                this.sequential_elsewhere = beyond(next.sequential, |after| after.sequential_elsewhere);
                this.sequential = index as u16;
            }
            after[index] = this;
            next = this;
        }
    }

    fn add(&mut self, graph: &Graph, id: EventId, event: &Event) {
        if event.is_sequential_fence() {
            self.fences.push(id);
        }
        if let (true, Some(source)) = (event.is_read(), event.source) {
            let source = self.number(source);
            link(&mut self.links, &mut self.readers[source], id);
        }
        if let Some(object) = object_of(event) {
            let place = object * self.threads + usize::from(id.thread);
            if self.accesses[place].is_empty() {
                self.accessed.push(place);
            }
            self.accesses[place].push(id.index);
        }
        let before = id.index.checked_sub(1).map(|index| graph.event(EventId { index, ..id }).happens);
        let before = before.unwrap_or_default();
        if before.is_equal_but_for(&event.happens, id.thread) {
            return;
        }
        for thread in (0..self.threads as u8).filter(|thread| *thread != id.thread) {
            let come = event.happens.of(thread);
            if come > before.of(thread) {
                let last = self.number(EventId { thread, index: come - 1 });
                link(&mut self.links, &mut self.crossings[last], id);
            }
        }
    }

    /// The number of an event among all of the graph.
    pub(super) fn number(&self, id: EventId) -> usize {
        self.starts[usize::from(id.thread)] + usize::from(id.index)
    }

    /// The sequentially consistent fences.
    pub(super) fn fences(&self) -> &[EventId] {
        &self.fences
    }

    /// The events that the event happens right before; whatever else it happens before comes after one of them.
    pub(super) fn next<'t>(&'t self, graph: &Graph, id: EventId) -> impl Iterator<Item = EventId> + use<'t> {
        let next = EventId { index: id.index + 1, ..id };
        let own = (usize::from(next.index) < graph.events_of(id.thread).len()).then_some(next);
        own.into_iter().chain(self.list(self.crossings[self.number(id)]))
    }

    /// The reads of a write.
    pub(super) fn readers(&self, write: EventId) -> impl Iterator<Item = EventId> {
        self.list(self.readers[self.number(write)])
    }

    fn list(&self, first: u32) -> impl Iterator<Item = EventId> {
        let link = |place: u32| (place != 0).then(|| self.links[place as usize]);
        core::iter::successors(link(first), move |(_, next)| link(*next)).map(|(id, _)| id)
    }

    /// In each thread, the nearest event after `id` in program order that is elsewhere. Program order leads from thread to thread where one
    /// starts or joins another.
    pub(super) fn elsewhere(&self, graph: &Graph, id: EventId) -> impl Iterator<Item = EventId> {
        self.nearest(graph, id, |after| after.model, |after| after.elsewhere)
    }

    /// As [`elsewhere`](Tables::elsewhere), of sequentially consistent events.
    pub(super) fn sequential_elsewhere(&self, graph: &Graph, id: EventId) -> impl Iterator<Item = EventId> {
        self.nearest(graph, id, |after| after.sequential, |after| after.sequential_elsewhere)
    }

    fn nearest(
        &self,
        graph: &Graph,
        id: EventId,
        first: fn(&After) -> u16,
        elsewhere: fn(&After) -> u16,
    ) -> impl Iterator<Item = EventId> {
        let object = object_of(graph.event(id));
        self.followers(graph, id).filter_map(move |from| {
            let start = self.starts[usize::from(from.thread)];
            let index = first(&self.after[self.number(from)]);
            let events = graph.events_of(from.thread);
            let index = match events.get(usize::from(index)) {
                Some(found) if !is_elsewhere(found, object) => {
                    elsewhere(&self.after[start + usize::from(index)])
                }
                _ => index,
            };
            (index != NONE).then_some(EventId { index, ..from })
        })
    }

    /// In each thread, the nearest sequentially consistent event after `id` in program order.
    pub(super) fn sequential(&self, graph: &Graph, id: EventId) -> impl Iterator<Item = EventId> {
        self.followers(graph, id).filter_map(|from| {
            let index = self.after[self.number(from)].sequential;
            (index != NONE).then_some(EventId { index, ..from })
        })
    }

    /// In each thread, the first event after `id` in program order.
    pub(super) fn followers(&self, graph: &Graph, id: EventId) -> impl Iterator<Item = EventId> {
        (0..self.threads as u8).filter_map(move |thread| {
            let events = graph.events_of(thread);
            let index = if thread == id.thread {
                usize::from(id.index) + 1
            } else if events.last().is_some_and(|last| last.program.contains(id)) {
                events.partition_point(|event| !event.program.contains(id))
            } else {
                events.len()
            };
            (index < events.len()).then_some(EventId { thread, index: index as u16 })
        })
    }

    /// In each thread, the accesses to the same object that an access happens before.
    pub(super) fn same_object(&self, graph: &Graph, id: EventId) -> impl Iterator<Item = (u8, &[u16])> {
        let object = object_of(graph.event(id));
        let threads = object.map_or(0, |_| self.threads as u8);
        (0..threads).map(move |thread| {
            let accesses = &self.accesses[object.unwrap_or(0) * self.threads + usize::from(thread)];
            let of = |index: &u16| EventId { thread, index: *index };
            let first = accesses.partition_point(|index| {
                let other = of(index);
                other == id || !graph.event(other).happens.contains(id)
            });
            (thread, &accesses[first..])
        })
    }
}

fn link(links: &mut Vec<(EventId, u32)>, head: &mut u32, id: EventId) {
    links.push((id, *head));
    *head = links.len() as u32 - 1;
}
