//! The search: the graph being extended, and the choices still to be taken back.
//!
//! The search is depth first. A choice is stored with the stamp that the graph had before it was made; to take the
//! next alternative, everything newer is removed and the alternative added. A revisit removes older events as
//! well, so it works on a copy, in a frame of its own; frames nest no deeper than there are reads to revisit, and
//! memory stays linear in the size of an execution for each of them.

mod ways;

use std::sync::Arc;

use self::ways::{is_of_use, places, unsettled, ways_to_revisit};
use super::coherence::{least_position, update_of};
use super::event::{Blocked, Continuation, EventId};
use super::graph::{Graph, NewRead, NewWrite, object_index};
use super::revisit::Search;
use super::semantics::{self, Effect, Spurious, read_strength};
use super::sequential::Sequence;
use crate::operation::Operation;

/// The graph being extended and the choices that led to it.
#[derive(Debug, Default)]
pub(super) struct Frontier {
    frames: Vec<Frame>,
    /// Graphs of frames that are done, kept for their memory.
    unused: Vec<Graph>,
    spurious: Spurious,
    /// The share of the whole space that the current execution stands for, as Knuth's estimator has it.
    share: f64,
    /// The share of the space that is done.
    done: f64,
    /// The read that the last alternative added, if it added one.
    fresh: Option<EventId>,
    search: Search,
    sequence: Sequence,
}

#[derive(Debug, Default)]
struct Frame {
    graph: Graph,
    choices: Vec<Choice>,
}

/// A choice with alternatives that were not yet taken.
#[derive(Clone, Debug)]
struct Choice {
    /// The stamp of the graph before the choice.
    stamp: u32,
    /// The share of the space that each alternative stands for.
    share: f64,
    alternatives: Alternatives,
}

#[derive(Clone, Debug)]
enum Alternatives {
    /// The places in coherence order that a read may read from, each with a choice among several results.
    Sources { thread: u8, operation: Operation, options: Vec<(u16, u8)> },
    /// The places in coherence order that a write may take.
    Places { write: NewWrite, positions: Vec<u16> },
    /// A read that the write may be given to, and how many of the ways to do so were taken.
    Revisit { write: NewWrite, read: EventId, taken: u16 },
}

/// A part of the search that nobody has begun.
#[derive(Debug)]
pub(super) struct Branch {
    /// A graph that the branch begins with a part of: what is at most as old as the choice.
    graph: Arc<Graph>,
    choice: Option<Choice>,
    share: f64,
}

impl Branch {
    /// The whole search.
    pub(super) fn root() -> Self {
        Branch { graph: Arc::new(Graph::new()), choice: None, share: 1.0 }
    }
}

impl Frontier {
    pub(super) fn new(spurious: Spurious) -> Self {
        Frontier { spurious, ..Frontier::default() }
    }

    /// Begins with a branch. Returns whether there is a graph to extend; otherwise [`advance`](Self::advance)
    /// finds the first.
    pub(super) fn begin(&mut self, branch: Branch) -> bool {
        debug_assert!(self.frames.is_empty(), "a branch begins when the one before is done");
        let Branch { graph, choice, share } = branch;
        let mut graph = Arc::unwrap_or_clone(graph);
        if let Some(choice) = &choice {
            graph.truncate(choice.stamp);
        }
        self.share = if choice.is_none() { share } else { 0.0 };
        self.done = 0.0;
        let is_whole = choice.is_none();
        self.frames.push(Frame { graph, choices: choice.into_iter().collect() });
        is_whole
    }

    /// Takes everything that is left to do out of the frontier, in the order in which it would have been done.
    pub(super) fn split(&mut self) -> Vec<Branch> {
        let mut branches = Vec::new();
        while let Some(mut frame) = self.frames.pop() {
            // One graph for all: a copy for each branch would take more time than the job did if executions are long.
            let graph = Arc::new(frame.graph);
            while let Some(choice) = frame.choices.pop() {
                for choice in choice.split() {
                    branches.push(Branch {
                        graph: Arc::clone(&graph),
                        share: choice.share,
                        choice: Some(choice),
                    });
                }
            }
        }
        branches
    }

    pub(super) fn graph(&self) -> &Graph {
        &self.frames[self.frames.len() - 1].graph
    }

    pub(super) fn graph_mut(&mut self) -> &mut Graph {
        let top = self.frames.len() - 1;
        &mut self.frames[top].graph
    }

    /// The read that led to the current graph: its thread may not go on after it.
    pub(super) fn fresh(&self) -> Option<EventId> {
        self.fresh
    }

    /// How many choices have alternatives left.
    pub(super) fn pending(&self) -> usize {
        self.frames.iter().map(|frame| frame.choices.len()).sum()
    }

    /// The share of the branch's space that is done, estimated.
    pub(super) fn done(&self) -> f64 {
        self.done
    }

    /// The current execution has ended.
    pub(super) fn finish(&mut self) {
        self.done += self.share;
        self.share = 0.0;
    }

    /// Goes to the next graph that is to be extended; false if there is none.
    pub(super) fn advance(&mut self) -> bool {
        self.finish();
        while let Some(frame) = self.frames.last_mut() {
            let Some(choice) = frame.choices.pop() else {
                if let Some(frame) = self.frames.pop() {
                    self.unused.push(frame.graph);
                }
                continue;
            };
            self.share = choice.share;
            self.fresh = None;
            frame.graph.truncate(choice.stamp);
            if self.take_alternative(choice) && self.settle() {
                return true;
            }
            self.finish();
        }
        false
    }

    /// Takes one alternative of a choice and puts the choice back if there are more. Returns whether the
    /// alternative is consistent.
    fn take_alternative(&mut self, mut choice: Choice) -> bool {
        match &mut choice.alternatives {
            Alternatives::Sources { thread, operation, options } => {
                let (thread, operation) = (*thread, *operation);
                let Some((position, result)) = options.pop() else { return false };
                if !options.is_empty() {
                    self.put_back(choice);
                }
                self.add_read(thread, &operation, usize::from(position), result, None)
            }
            Alternatives::Places { write, positions } => {
                let write = *write;
                let Some(position) = positions.pop() else { return false };
                if !positions.is_empty() {
                    self.put_back(choice);
                }
                let id = self.graph_mut().add_write(&write, usize::from(position));
                self.is_sequence_kept(&[id])
            }
            Alternatives::Revisit { write, read, taken } => {
                let (write, read, way) = (*write, *read, usize::from(*taken));
                *taken += 1;
                self.revisit(write, read, way, choice)
            }
        }
    }

    fn put_back(&mut self, choice: Choice) {
        let top = self.frames.len() - 1;
        self.frames[top].choices.push(choice);
    }

    /// Gives the write to an earlier read, in one of the ways to do so. `choice` is put back if there are more.
    fn revisit(&mut self, write: NewWrite, read: EventId, way: usize, choice: Choice) -> bool {
        let mut graph = self.unused.pop().unwrap_or_default();
        let parent = self.graph();
        let prefix = parent.standing(write.thread).prefix;
        let revisited = *parent.event(read);
        parent.restrict_into(&mut graph, read, &prefix);

        let ways = ways_to_revisit(&graph, &write, read, &revisited.operation, self.spurious);
        let Some((position, result)) = ways.get(way).copied() else {
            self.unused.push(graph);
            return false;
        };
        if way + 1 < ways.len() {
            self.put_back(choice);
        }
        graph.add_write(&write, position);
        self.frames.push(Frame { graph, choices: Vec::new() });
        self.add_read(read.thread, &revisited.operation, position, result, Some(revisited.stamp))
    }

    /// Adds a read of the newest write, and stores the older ones as alternatives.
    pub(super) fn read(&mut self, thread: u8, operation: &Operation) {
        let graph = self.graph();
        let object = object_index(operation);
        let newest = graph.objects()[object].writes.len();
        let least = least_position(graph, thread, object);
        let spurious = self.spurious.allows(graph.events_of(thread), operation);
        let mut options = Vec::new();
        for position in least..=newest {
            let value = graph.value_of(object, graph.write_at(object, position));
            let mask = graph.objects()[object].mask;
            for result in (0..semantics::choices(operation, thread, value, mask, spurious)).rev() {
                if position == newest || self.is_worthwhile(thread, operation, position, value, result) {
                    options.push((position as u16, result));
                }
            }
        }
        options.pop();
        self.share /= (options.len() + 1) as f64;
        if !options.is_empty() {
            let alternatives = Alternatives::Sources { thread, operation: *operation, options };
            let choice = Choice { stamp: self.graph().stamp(), share: self.share, alternatives };
            self.put_back(choice);
        }
        self.add_read(thread, operation, newest, 0, None);
    }

    /// Whether an older write may be read. A read that only waits is of use if it reads the newest: otherwise
    /// no later write can be given to it. An update of a write that has an update already is of use if its own
    /// write can be given to that other update, which then must not be in its prefix.
    fn is_worthwhile(
        &self,
        thread: u8,
        operation: &Operation,
        position: usize,
        value: u64,
        result: u8,
    ) -> bool {
        let graph = self.graph();
        let object = object_index(operation);
        match semantics::effect(operation, thread, value, result, graph.objects()[object].mask) {
            Effect::None => true,
            Effect::Wait => false,
            Effect::Write(_) => update_of(graph, object, position).is_none_or(|update| {
                let source = graph.write_at(object, position);
                !graph.standing(thread).prefix.contains(update)
                    && source.is_none_or(|source| !graph.event(source).prefix.contains(update))
            }),
        }
    }

    /// Adds a read of the write at this place. Returns whether the graph is consistent, and of use.
    fn add_read(
        &mut self,
        thread: u8,
        operation: &Operation,
        position: usize,
        result: u8,
        stamp: Option<u32>,
    ) -> bool {
        let graph = self.graph_mut();
        let object = object_index(operation);
        let source = graph.write_at(object, position);
        let value = graph.value_of(object, source);
        let effect = semantics::effect(operation, thread, value, result, graph.objects()[object].mask);
        let is_newest = position == graph.objects()[object].writes.len();
        let continuation = match effect {
            Effect::None => Continuation::Program,
            Effect::Write(new) => Continuation::Write(new),
            Effect::Wait => Continuation::Blocked(Blocked::Waiting),
        };
        let strength = read_strength(operation, value, effect);
        let read =
            NewRead { thread, operation: *operation, source, choice: result, value, continuation, strength };
        let id = graph.add_read(&read, stamp);
        self.fresh = Some(id);
        if effect == Effect::Wait && !is_newest {
            return false;
        }
        match (stamp, source) {
            (None, _) => is_newest || self.is_sequence_kept(&[id]),
            // The write that it takes is as new as it is.
            (Some(_), Some(write)) => self.is_sequence_kept(&[write, id]),
            (Some(_), None) => self.is_sequence_kept(&[id]),
        }
    }

    /// Adds a write, last in coherence order, and stores the other places and the reads that it may be given to
    /// as alternatives. Returns false if the write has no place and can only be given to a read.
    pub(super) fn write(&mut self, write: &NewWrite) -> bool {
        let mut search = core::mem::take(&mut self.search);
        let graph = self.graph();
        let object = object_index(&write.operation);
        let mut positions = places(graph, write);
        let prefix = graph.standing(write.thread).prefix;
        let reads = search.revisitable(graph, object, &prefix);
        let stamp = graph.stamp();
        reads.retain(|read| is_of_use(graph, *read, write.value, self.spurious));
        self.share /= (positions.len() + reads.len()).max(1) as f64;
        let share = self.share;
        if positions.is_empty() && !reads.is_empty() {
            // All of the share goes to the revisits.
            self.share = 0.0;
        }

        for read in reads.drain(..).rev() {
            let alternatives = Alternatives::Revisit { write: *write, read, taken: 0 };
            self.put_back(Choice { stamp, share, alternatives });
        }
        self.search = search;
        let Some(newest) = positions.pop() else { return false };
        if !positions.is_empty() {
            self.put_back(Choice {
                stamp,
                share,
                alternatives: Alternatives::Places { write: *write, positions },
            });
        }
        let graph = self.graph_mut();
        let is_last = usize::from(newest) > graph.objects()[object].writes.len();
        let id = graph.add_write(write, usize::from(newest));
        is_last || self.is_sequence_kept(&[id])
    }

    /// Whether the graph is still sequentially consistent with these new events.
    fn is_sequence_kept(&mut self, new: &[EventId]) -> bool {
        let mut sequence = core::mem::take(&mut self.sequence);
        let is_kept = sequence.is_kept(self.graph(), new);
        self.sequence = sequence;
        is_kept
    }

    /// Adds what must follow at once: the writing part of an update whose reading part is there, the release of
    /// the lock by a wait. Returns false if that is not possible.
    pub(super) fn settle(&mut self) -> bool {
        while let Some(write) = unsettled(self.graph()) {
            if !self.write(&write) {
                return false;
            }
        }
        true
    }
}

impl Choice {
    /// The choice, cut into one for each alternative that is known; first the one that would be taken first.
    fn split(self) -> Vec<Choice> {
        let Choice { stamp, share, alternatives } = self;
        let choice = |alternatives| Choice { stamp, share, alternatives };
        match alternatives {
            Alternatives::Sources { thread, operation, options } => options
                .into_iter()
                .rev()
                .map(|option| choice(Alternatives::Sources { thread, operation, options: vec![option] }))
                .collect(),
            Alternatives::Places { write, positions } => positions
                .into_iter()
                .rev()
                .map(|position| choice(Alternatives::Places { write, positions: vec![position] }))
                .collect(),
            Alternatives::Revisit { .. } => vec![choice(alternatives)],
        }
    }
}
