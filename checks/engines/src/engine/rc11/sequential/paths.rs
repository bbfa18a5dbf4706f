//! Paths of steps that edges of psc are made of.
//!
//! A path is at an event in one of these states. Where it *begins*, a step of scb comes next; behind a fence an event is in a
//! state of its own first, since a fence stands for all that happens after it, and for all that happens before it.
//!
//! | state | how far an edge has come | what comes next |
//! |---|---|---|
//! | begin | to its start, or to where it is taken up behind a fence | a step of scb |
//! | around | in the middle of *po to another object; hb; po from another object* | more of hb, or the end of it |
//! | overwritten | to a write, along co and fr | more of co, or the end of it |
//! | after fence | along hb, from a fence | begin; or eco; or a fence, which ends it |
//! | eco | to a write, along eco from behind a fence | more of it, or hb to a fence |
//! | before fence | along hb, to a fence | more of hb, or the fence, which ends it |
//!
//! An edge ends at a sequentially consistent event, and there the next one begins. Of several events of one
//! thread to which the same steps lead it is enough to go to the first, since from there the others are reached. No state but *begin* is
//! reached from itself without an edge having ended: hb and co have no cycles.

use super::tables::Tables;
use super::{is_of_model, later_writes, object_of};
use crate::engine::rc11::event::EventId;
use crate::engine::rc11::graph::Graph;

/// What a path is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    Begin = 1,
    Around = 1 << 1,
    Overwritten = 1 << 2,
    AfterFence = 1 << 3,
    Eco = 1 << 4,
    BeforeFence = 1 << 5,
}

/// A search along paths, kept for its memory.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// By event: the states in which the search has come to it.
    seen: Vec<u8>,
    left: Vec<(State, EventId)>,
}

impl Paths {
    /// Whether a path leads from an event in a state back to it.
    pub(super) fn lead_back(&mut self, graph: &Graph, tables: &Tables, state: State, id: EventId) -> bool {
        self.seen.clear();
        self.seen.resize(graph.len(), 0);
        self.left.clear();
        let has_fences = !tables.fences().is_empty();
        let mut walk = Walk { graph, tables, has_fences, paths: self, goal: (state, id), is_back: false };
        walk.go_on(state, id);
        while !walk.is_back
            && let Some((state, id)) = walk.paths.left.pop()
        {
            walk.go_on(state, id);
        }
        walk.is_back
    }
}

struct Walk<'w> {
    graph: &'w Graph,
    tables: &'w Tables,
    has_fences: bool,
    paths: &'w mut Paths,
    goal: (State, EventId),
    is_back: bool,
}

impl Walk<'_> {
    /// A path has come to the event.
    fn come(&mut self, state: State, id: EventId) {
        let seen = &mut self.paths.seen[self.tables.number(id)];
        if *seen & state as u8 == 0 {
            *seen |= state as u8;
            self.is_back |= self.goal == (state, id);
            self.paths.left.push((state, id));
        }
    }

    /// An edge is at its end, but for hb to a fence.
    fn end(&mut self, id: EventId) {
        if self.graph.event(id).sequential {
            self.come(State::Begin, id);
        }
        self.come_before_fence(id);
    }

    fn come_before_fence(&mut self, id: EventId) {
        if self.has_fences {
            self.come(State::BeforeFence, id);
        }
    }

    fn go_on(&mut self, state: State, id: EventId) {
        let (graph, tables) = (self.graph, self.tables);
        let event = graph.event(id);
        let is_fence = event.is_sequential_fence();
        match state {
            State::Begin => self.begin(id, is_fence),
            State::Around => {
                tables.next(graph, id).for_each(|next| self.come(state, next));
                if is_of_model(event) {
                    tables.sequential_elsewhere(graph, id).for_each(|end| self.come(State::Begin, end));
                    tables.elsewhere(graph, id).for_each(|end| self.come_before_fence(end));
                }
            }
            State::Overwritten => {
                self.come_to_next_write(state, id);
                self.end(id);
            }
            State::AfterFence => {
                self.come(State::Begin, id);
                tables.next(graph, id).for_each(|next| self.come(state, next));
                self.come_to_next_write(State::Eco, id);
                tables.readers(id).for_each(|read| self.come_before_fence(read));
            }
            State::Eco => {
                self.come_to_next_write(state, id);
                self.come_before_fence(id);
                tables.readers(id).for_each(|read| self.come_before_fence(read));
            }
            State::BeforeFence if is_fence => self.come(State::Begin, id),
            State::BeforeFence => tables.next(graph, id).for_each(|next| self.come(state, next)),
        }
    }

    /// All steps of scb.
    fn begin(&mut self, id: EventId, is_fence: bool) {
        let (graph, tables) = (self.graph, self.tables);
        if is_fence {
            tables.next(graph, id).for_each(|next| self.come(State::AfterFence, next));
        }
        tables.sequential(graph, id).for_each(|end| self.come(State::Begin, end));
        if self.has_fences {
            tables.followers(graph, id).for_each(|end| self.come(State::BeforeFence, end));
        }
        tables.elsewhere(graph, id).for_each(|middle| self.come(State::Around, middle));
        for (thread, accesses) in tables.same_object(graph, id) {
            let mut ends = accesses.iter().map(|index| EventId { thread, index: *index });
            ends.clone().next().into_iter().for_each(|end| self.come_before_fence(end));
            if let Some(end) = ends.find(|end| graph.event(*end).sequential) {
                self.come(State::Begin, end);
            }
        }
        self.come_to_next_write(State::Overwritten, id);
    }

    /// Goes one step along co or fr.
    fn come_to_next_write(&mut self, state: State, id: EventId) {
        let event = self.graph.event(id);
        if object_of(event).is_some()
            && let Some(write) = later_writes(self.graph, id, event).first()
        {
            self.come(state, *write);
        }
    }
}
