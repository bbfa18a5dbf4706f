//! Extending: threads go on beyond the graph, and it grows.

use super::following::answer;
use super::{Explorer, Stage};
use crate::engine::rc11::decisions::Decision;
use crate::engine::rc11::ending::{Verdict, judge};
use crate::engine::rc11::event::{Blocked, Continuation, EventId, Role};
use crate::engine::rc11::graph::{Graph, NewWrite, object_index};
use crate::engine::rc11::retry::{Probe, Purity, goes_round, is_worn_out};
use crate::engine::rc11::semantics::{self, Access, Effect, Strength, access, write_strength};
use crate::engine::turns::TURNS_OF_A_LOOP;
use crate::executor::{Choice, View};
use crate::exploration::FailureKind;
use crate::operation::{Action, Operation, TaskId};

impl Explorer<'_> {
    /// Lets threads go on until one has an answer to be told.
    pub(super) fn extend(&mut self, view: &View<'_>) -> Choice {
        loop {
            if self.frontier.graph().len() >= self.settings.steps {
                self.counts.cut += 1;
                return self.give_up();
            }
            let Some((thread, task, operation)) = self.select(view) else { return self.stuck(view) };
            match self.step(thread, &operation) {
                Progress::Performed => {
                    self.performed[usize::from(thread)] =
                        self.frontier.graph().events_of(thread).len() as u16;
                    return Choice::Perform(task);
                }
                Progress::Blocked => {}
                Progress::Useless => return self.give_up(),
                Progress::Unknown(probe) => {
                    self.stage = Stage::Probing(probe);
                    return Choice::Abandon;
                }
            }
        }
    }

    pub(super) fn give_up(&mut self) -> Choice {
        self.stage = Stage::Over;
        Choice::Abandon
    }

    /// The thread that goes on next, with its operation. The choice depends on the graph alone: what touches no
    /// memory first, then writes, then reads, then what would have to wait; among equals the thread of the
    /// smallest name. Writes first means fewer revisits; waiting last means fewer blocked executions.
    pub(super) fn select(&mut self, view: &View<'_>) -> Option<Step> {
        if self.script.is_followed() {
            let task = self.script.next_task(&self.naming).filter(|task| view.enabled().contains(*task))?;
            let pending = view.pending()[usize::from(task.0)];
            let operation = self.translate(task, &pending);
            return Some((self.naming.thread(task), task, operation));
        }
        let mut best: Option<(Rank, Step)> = None;
        for task in view.enabled().iter() {
            let thread = self.naming.thread(task);
            if self.frontier.graph().last_of(thread).is_some_and(|(_, event)| event.blocked().is_some()) {
                continue;
            }
            let pending = view.pending()[usize::from(task.0)];
            let operation = self.translate(task, &pending);
            let graph = self.frontier.graph();
            let rank = (self.urgency(thread, &operation), graph.threads()[usize::from(thread)].path);
            if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                best = Some((rank, (thread, task, operation)));
            }
        }
        best.map(|(_, chosen)| chosen)
    }

    pub(super) fn urgency(&self, thread: u8, operation: &Operation) -> u8 {
        match access(operation) {
            Access::Step | Access::Fence => 0,
            Access::Write(_) => 1,
            Access::Read if !is_hopeless(self.frontier.graph(), thread, operation) => 2,
            Access::Read => 3,
        }
    }

    /// Adds the thread's operation to the graph.
    pub(super) fn step(&mut self, thread: u8, operation: &Operation) -> Progress {
        if let Some(decision) = self.script.take() {
            return self.scripted_step(thread, operation, &decision);
        }
        match access(operation) {
            Access::Read => {
                self.frontier.read(thread, operation);
                self.after_read(thread)
            }
            Access::Write(value) => {
                let mask = self.frontier.graph().object(operation).mask;
                let strength = write_strength(operation);
                let write = NewWrite {
                    thread,
                    operation: *operation,
                    value: value & mask,
                    exclusive: false,
                    strength,
                };
                self.reply = Ok(0);
                if self.frontier.write(&write) { Progress::Performed } else { Progress::Useless }
            }
            Access::Fence => {
                if let Action::Fence { ordering } = operation.action {
                    self.frontier.graph_mut().add_fence(thread, *operation, Strength::from(ordering));
                }
                self.reply = Ok(0);
                Progress::Performed
            }
            Access::Step => {
                self.frontier.graph_mut().add_step(thread, *operation, Role::Step);
                self.reply = Ok(0);
                Progress::Performed
            }
        }
    }

    /// Completes the step whose read was just added.
    pub(super) fn after_read(&mut self, thread: u8) -> Progress {
        let Some((id, _)) = self.frontier.graph().last_of(thread) else { return Progress::Useless };
        let progress = self.resolve(id);
        if let Progress::Performed = progress {
            if !self.frontier.settle() {
                return Progress::Useless;
            }
            self.reply = answer(self.frontier.graph(), id);
        }
        progress
    }

    /// Finds out whether the thread goes on after a read, the last of its events.
    pub(super) fn resolve(&mut self, read: EventId) -> Progress {
        let graph = self.frontier.graph();
        match graph.event(read).role {
            Role::Read(Continuation::Blocked(_)) => Progress::Blocked,
            Role::Read(Continuation::Program) => {
                let Some(probe) = Purity::question(graph, read, &self.settings) else {
                    return self.unless_worn_out(read);
                };
                match self.purity.known(&probe) {
                    None => Progress::Unknown(probe),
                    Some(false) => self.unless_worn_out(read),
                    Some(true) => self.block(read, probe.verdict()),
                }
            }
            Role::Read(Continuation::Write(_)) => self.unless_worn_out(read),
            _ => Progress::Performed,
        }
    }

    /// The thread goes on after a read that is not shown to repeat, unless its loop has gone round often enough.
    pub(super) fn unless_worn_out(&mut self, read: EventId) -> Progress {
        let events = &self.frontier.graph().events_of(read.thread)[..=usize::from(read.index)];
        let turns = self.settings.turns;
        self.counts.looped += u64::from(goes_round(events, turns.min(TURNS_OF_A_LOOP)));
        if !is_worn_out(events, turns) {
            return Progress::Performed;
        }
        self.counts.turned += 1;
        // An update that was given another write has its own write already, and cannot be kept from going on.
        let is_last = self.frontier.graph().last_of(read.thread).is_some_and(|(id, _)| id == read);
        if is_last { self.block(read, Blocked::WornOut) } else { Progress::Useless }
    }

    /// The thread does not go on after this read. If the read is not of the newest write, no later write can be
    /// given to it, and the execution is of no use.
    pub(super) fn block(&mut self, read: EventId, why: Blocked) -> Progress {
        let graph = self.frontier.graph_mut();
        graph.block(read, why);
        let event = graph.event(read);
        let is_newest = graph.object(&event.operation).writes.last().copied() == event.source;
        if is_newest { Progress::Blocked } else { Progress::Useless }
    }

    pub(super) fn scripted_step(
        &mut self,
        thread: u8,
        operation: &Operation,
        decision: &Decision,
    ) -> Progress {
        match self.script.perform(self.frontier.graph_mut(), thread, operation, decision) {
            Some(id) if self.frontier.graph().event(id).blocked().is_some() => Progress::Blocked,
            Some(id) => {
                self.reply = answer(self.frontier.graph(), id);
                Progress::Performed
            }
            None => {
                self.fail(FailureKind::Nondeterminism {
                    message: format!(
                        "the decisions do not fit: {:?} at {}",
                        operation.action, operation.location
                    ),
                });
                Progress::Useless
            }
        }
    }

    /// No thread can go on.
    pub(super) fn stuck(&mut self, view: &View<'_>) -> Choice {
        if self.script.is_followed() {
            self.fail(FailureKind::Nondeterminism {
                message: "the decisions name no thread that can go on".into(),
            });
            return self.give_up();
        }
        let unfinished = view.unfinished();
        let waiting = self.naming.started().filter(|(_, task)| unfinished.contains(*task));
        match judge(self.frontier.graph(), waiting.map(|(thread, _)| thread)) {
            Verdict::Failure(kind) => {
                self.counts.complete += 1;
                self.fail(kind);
            }
            Verdict::Covered => self.counts.abandoned += 1,
            Verdict::Tired => {
                self.counts.abandoned += 1;
                self.counts.turned += 1;
                self.counts.looped += 1;
            }
        }
        self.give_up()
    }
}

/// What became of an operation.
pub(super) enum Progress {
    /// It is in the graph, and the thread is to be told the answer.
    Performed,
    /// It is in the graph, and the thread does not go on.
    Blocked,
    /// No extension of this graph is of interest.
    Useless,
    /// Whether the thread goes on is to be found out first.
    Unknown(Probe),
}

/// A thread, the task that runs it, and its operation.
type Step = (u8, TaskId, Operation);

/// How soon an operation is to be performed: the least goes first.
type Rank = (u8, u128);

/// Whether the operation would wait, or fail to exchange, if it read the newest write.
fn is_hopeless(graph: &Graph, thread: u8, operation: &Operation) -> bool {
    let object = object_index(operation);
    let newest = graph.objects()[object].writes.last().copied();
    let value = graph.value_of(object, newest);
    match semantics::effect(operation, thread, value, 0, graph.objects()[object].mask) {
        Effect::Wait => true,
        Effect::None => matches!(
            operation.action,
            Action::CompareExchange { .. } | Action::TryLock | Action::TryLockShared
        ),
        Effect::Write(_) => false,
    }
}
