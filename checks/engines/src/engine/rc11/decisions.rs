//! An execution as a list of numbers, and the way back.
//!
//! The numbers name, for one step after another, the thread that performs it and its place in coherence order.
//! Steps that need no decision (accesses to cells, spawns, joins) are left out. The steps are in an order in which
//! the execution can be run: every write comes before its reads.

use rustc_hash::FxHashMap;

use super::event::{Blocked, Continuation, EventId, Role};
use super::graph::{Graph, NewRead, NewWrite, object_index};
use super::naming::Naming;
use super::semantics::{self, Access, Effect, Strength, access, read_strength, write_strength};
use crate::operation::{Action, Operation, TaskId};

const PLACE_BITS: u32 = 20;
const CHOICE_BITS: u32 = 6;
const BLOCKED_BITS: u32 = 2;

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    thread: u8,
    blocked: Option<Blocked>,
    choice: u8,
    /// The place in coherence order of the write, or of the write that is read.
    place: u32,
}

impl Decision {
    fn encode(self) -> u32 {
        let blocked = match self.blocked {
            None => 0,
            Some(Blocked::Waiting) => 1,
            Some(Blocked::Repeating) => 2,
            // Whoever goes along the decisions stops there in either case, and nothing is claimed of it.
            Some(Blocked::Failed | Blocked::WornOut) => 3,
        };
        let head = u32::from(self.thread) << BLOCKED_BITS | blocked;
        (head << CHOICE_BITS | u32::from(self.choice)) << PLACE_BITS | self.place
    }

    fn decode(code: u32) -> Self {
        let field = |low: u32, bits: u32| code >> low & ((1 << bits) - 1);
        Decision {
            thread: field(PLACE_BITS + CHOICE_BITS + BLOCKED_BITS, 4) as u8,
            blocked: match field(PLACE_BITS + CHOICE_BITS, BLOCKED_BITS) {
                0 => None,
                1 => Some(Blocked::Waiting),
                2 => Some(Blocked::Repeating),
                _ => Some(Blocked::Failed),
            },
            choice: field(PLACE_BITS, CHOICE_BITS) as u8,
            place: field(0, PLACE_BITS),
        }
    }
}

/// The decisions that lead to the graph.
pub(super) fn encode(graph: &Graph) -> Vec<u32> {
    let mut performed = vec![0_u16; graph.threads().len()];
    let mut decisions = Vec::new();
    while let Some(id) = next_event(graph, &performed) {
        performed[usize::from(id.thread)] += 1;
        let event = graph.event(id);
        let place = match event.role {
            Role::Read(_) => graph.position(event.source),
            Role::Write { exclusive: false } => graph.position(Some(id)),
            Role::Fence | Role::Step => 0,
            // An update's write goes with its read; the others need no decision.
            _ => continue,
        };
        // The release of the lock by a wait goes with the wait.
        if let (Role::Write { .. }, Action::Unlock) = (event.role, event.operation.action)
            && let Some(before) = id.index.checked_sub(1)
            && let Action::WaitBegin { .. } = graph.event(EventId { index: before, ..id }).operation.action
            && graph.event(EventId { index: before, ..id }).operation.location == event.operation.location
        {
            continue;
        }
        let (blocked, choice) = (event.blocked(), event.choice);
        decisions.push(Decision { thread: id.thread, blocked, choice, place: place as u32 }.encode());
    }
    decisions
}

/// The oldest event whose thread, source, parent and child have come far enough.
fn next_event(graph: &Graph, performed: &[u16]) -> Option<EventId> {
    let is_done = |event: EventId| event.index < performed[usize::from(event.thread)];
    (0..graph.threads().len() as u8)
        .filter_map(|thread| {
            let id = EventId { thread, index: performed[usize::from(thread)] };
            let event = graph.events_of(thread).get(usize::from(id.index))?;
            Some((id, event))
        })
        .filter(|(id, event)| {
            let others = (0..performed.len() as u8).filter(|thread| *thread != id.thread);
            event.source.is_none_or(is_done)
                && others
                    .map(|thread| (thread, event.prefix.of(thread)))
                    .all(|(thread, needed)| performed[usize::from(thread)] >= needed)
        })
        .min_by_key(|(_, event)| event.stamp)
        .map(|(id, _)| id)
}

/// Decisions that are being followed.
#[derive(Debug, Default)]
pub(super) struct Script {
    decisions: Vec<Decision>,
    next: usize,
    /// The final place in coherence order of the writes that are there already.
    places: FxHashMap<EventId, u32>,
}

impl Script {
    pub(super) fn new(decisions: &[u32]) -> Self {
        let decisions = decisions.iter().map(|code| Decision::decode(*code)).collect();
        Script { decisions, next: 0, places: FxHashMap::default() }
    }

    /// The task that the next decision names.
    pub(super) fn next_task(&self, naming: &Naming) -> Option<TaskId> {
        naming.task(self.decisions.get(self.next)?.thread)
    }

    /// Takes the next decision, if there is one.
    pub(super) fn take(&mut self) -> Option<Decision> {
        let decision = *self.decisions.get(self.next)?;
        self.next += 1;
        Some(decision)
    }

    /// Whether decisions are left.
    pub(super) fn is_followed(&self) -> bool {
        self.next < self.decisions.len()
    }

    /// Adds the operation to the graph as decided. Returns its first event; `None` if the decision does not fit.
    pub(super) fn perform(
        &mut self,
        graph: &mut Graph,
        thread: u8,
        operation: &Operation,
        decision: &Decision,
    ) -> Option<EventId> {
        match access(operation) {
            Access::Step => Some(graph.add_step(thread, *operation, Role::Step)),
            Access::Fence => {
                let Action::Fence { ordering } = operation.action else { return None };
                Some(graph.add_fence(thread, *operation, Strength::from(ordering)))
            }
            Access::Write(value) => {
                let value = value & graph.object(operation).mask;
                Some(self.write(graph, thread, operation, value, false, decision.place))
            }
            Access::Read => self.read(graph, thread, operation, decision),
        }
    }

    fn read(
        &mut self,
        graph: &mut Graph,
        thread: u8,
        operation: &Operation,
        decision: &Decision,
    ) -> Option<EventId> {
        let object = object_index(operation);
        let writes = &graph.objects()[object].writes;
        let source = match decision.place {
            0 => None,
            place => Some(*writes.iter().find(|write| self.places.get(write) == Some(&place))?),
        };
        let value = graph.value_of(object, source);
        let mask = graph.objects()[object].mask;
        let effect = semantics::effect(operation, thread, value, decision.choice, mask);
        let continuation = match (decision.blocked, effect) {
            (Some(why), _) => Continuation::Blocked(why),
            (None, Effect::None) => Continuation::Program,
            (None, Effect::Write(new)) => Continuation::Write(new),
            (None, Effect::Wait) => return None,
        };
        let strength = read_strength(operation, value, effect);
        let choice = decision.choice;
        let read = NewRead { thread, operation: *operation, source, choice, value, continuation, strength };
        let id = graph.add_read(&read, None);
        if let Continuation::Write(new) = continuation {
            self.write(graph, thread, operation, new, true, decision.place + 1);
            if let Action::WaitBegin { lock } = operation.action {
                let unlock = Operation { action: Action::Unlock, object: Some(lock), ..*operation };
                // A lock is held by one thread at a time, so its release is the newest write of the lock.
                let newest = graph.object(&unlock).writes.last().and_then(|write| self.places.get(write));
                let place = newest.map_or(1, |place| place + 1);
                self.write(graph, thread, &unlock, 0, false, place);
            }
        }
        Some(id)
    }

    fn write(
        &mut self,
        graph: &mut Graph,
        thread: u8,
        operation: &Operation,
        value: u64,
        exclusive: bool,
        place: u32,
    ) -> EventId {
        let writes = &graph.object(operation).writes;
        let before = writes.iter().filter(|write| self.places.get(write).is_some_and(|other| *other < place));
        let position = before.count() + 1;
        let write =
            NewWrite { thread, operation: *operation, value, exclusive, strength: write_strength(operation) };
        let id = graph.add_write(&write, position);
        self.places.insert(id, place);
        id
    }
}
