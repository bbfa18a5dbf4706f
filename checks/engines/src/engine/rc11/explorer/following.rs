//! Following: the operations of events that the graph has are answered from it.

use super::Explorer;
use crate::engine::rc11::event::{Continuation, Event, EventId, Role};
use crate::engine::rc11::graph::Graph;
use crate::engine::rc11::semantics::SPURIOUS;
use crate::executor::{Choice, View};
use crate::exploration::FailureKind;
use crate::operation::{Action, Operation};

impl Explorer<'_> {
    pub(super) fn next_event(&self, thread: u8) -> Option<(EventId, &Event)> {
        let index = self.performed[usize::from(thread)];
        let event = self.frontier.graph().events_of(thread).get(usize::from(index))?;
        Some((EventId { thread, index }, event))
    }

    /// Answers an event that can be performed now, the oldest in which the graph is still an interleaving; `None`
    /// if every thread has performed all it can.
    pub(super) fn follow_graph(&mut self, view: &View<'_>) -> Option<Choice> {
        let graph = self.frontier.graph();
        let is_done = |event: EventId| event.index < self.performed[usize::from(event.thread)];
        let ready = self
            .naming
            .started()
            .filter(|(_, task)| view.enabled().contains(*task))
            .filter_map(|(thread, task)| Some((task, self.next_event(thread)?)))
            .filter(|(_, (_, event))| event.blocked().is_none() && event.source.is_none_or(is_done))
            .min_by_key(|(_, (id, event))| (!self.pace.allows(graph, *id), event.stamp));
        let (task, (id, event)) = ready?;
        let recorded = event.operation;
        let pending = view.pending()[usize::from(task.0)];
        let translated = self.translate(task, &pending);
        if !self.frontier.graph_mut().renew(id, &translated) {
            self.fail(differs(&recorded, &translated));
            return Some(Choice::Abandon);
        }
        self.reply = answer(self.frontier.graph(), id);
        let events = events_of_step(self.frontier.graph(), id);
        self.pace.perform(self.frontier.graph(), id, events);
        self.performed[usize::from(id.thread)] += events;
        Some(Choice::Perform(task))
    }

    /// Every event that can be performed was: if one is left that nothing blocks, the program has changed.
    pub(super) fn check_followed(&mut self, view: &View<'_>) {
        let threads = 0..self.frontier.graph().threads().len() as u8;
        self.bind_blocked(view);
        let left =
            threads.filter_map(|thread| self.next_event(thread)).find(|(_, event)| event.blocked().is_none());
        if let Some((_, event)) = left {
            let message = format!("the same decisions do not lead to {} again", event.operation);
            self.fail(FailureKind::Nondeterminism { message });
        }
    }
}

/// How many events of the graph the step that begins here has.
fn events_of_step(graph: &Graph, id: EventId) -> u16 {
    let event = graph.event(id);
    match (event.is_exclusive_read(), event.operation.action) {
        (true, Action::WaitBegin { .. }) => 3,
        (true, _) => 2,
        (false, _) => 1,
    }
}

/// What the program is told of the step that begins here.
pub(super) fn answer(graph: &Graph, id: EventId) -> Result<u64, u64> {
    let event = graph.event(id);
    match (event.role, event.operation.action) {
        (
            Role::Read(Continuation::Program),
            Action::CompareExchange { .. }
            | Action::Park
            | Action::ParkTimed
            | Action::TryLock
            | Action::TryLockShared
            | Action::OnceBegin { .. },
        ) => Err(event.value),
        (Role::Read(_), Action::WaitEnd | Action::WaitEndTimed { .. }) if event.choice == SPURIOUS => {
            Err(event.value)
        }
        (Role::Read(_), _) => Ok(event.value),
        _ => Ok(0),
    }
}

pub(super) fn differs(recorded: &Operation, found: &Operation) -> FailureKind {
    FailureKind::Nondeterminism {
        message: format!(
            "the same decisions led first to {:?} at {}, then to {:?} at {}",
            recorded.action, recorded.location, found.action, found.location
        ),
    }
}
