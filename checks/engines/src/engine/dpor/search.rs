//! The search proper: one subtree of the tree of executions, depth first.
//!
//! A [`Search`] is a [`Controller`]: the executor asks it for each decision. It keeps the path of the current
//! execution, with what is left to explore at each node of it. The nodes above the subtree's root belong to the
//! [frontier](super::frontier); what a race asks for there becomes a [`Request`](super::node::Request) to it.

mod affording;
mod asking;
mod choosing;
mod frame;

use std::sync::Arc;
use std::time::Instant;

use choosing::Blocked;
pub(super) use frame::{Found, Limits, Rules, Short};

use super::dependency::{Access, fingerprint};
use super::least::Least;
use super::memory::{DataRace, Memory};
use super::node::{Node, Step, ask};
use super::options::Execution;
use super::order::Order;
use super::preemption::Running;
use super::spurious::Spurious;
use super::symmetry::Symmetry;
use super::waiting::Waiting;
use crate::executor::{Choice, Controller, Ending, ObjectKind, Present, TaskSet, View};
use crate::exploration::{Failure, FailureKind};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// A long execution looks at the clock now and then.
const STEPS_BETWEEN_LOOKS: usize = 256;

/// Depth-first search of one subtree.
pub(super) struct Search {
    rules: Arc<Rules>,
    limits: Limits,
    found: Found,
    /// The decisions of the current execution, those above the subtree included.
    path: Vec<Node>,
    /// How many of them lie above the subtree.
    root: usize,
    phase: Phase,

    /// The current node is `path[depth]`.
    depth: usize,
    /// The first event of this execution whose races have not been handled in an earlier one.
    fresh: usize,
    /// The sleep set of the next node.
    sleep: TaskSet,
    running: Running,
    spurious: Spurious,
    /// The decision at hand: the task, and how its operation comes out.
    decision: TaskId,
    /// What the operation that is about to be performed does.
    access: Access,
    failure: Option<FailureKind>,
    decisions: Vec<TaskId>,
    memory: Memory,
    order: Order,
    waiting: Waiting,
    symmetry: Symmetry,
    /// If preemptions are bounded and orders reduced.
    least: Option<Box<Least>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No execution has begun.
    New,
    /// The nodes above the subtree are visited for the first time.
    First,
    Later,
    /// There was a failure, or a limit was reached.
    Stopped,
    /// The time was over in the middle of an execution, which is to be explored later from where it was.
    Interrupted,
}

impl Search {
    /// A search of the subtree that `root` leads to.
    pub(super) fn new(rules: &Arc<Rules>, root: &[Step], limits: Limits) -> Self {
        Search {
            rules: Arc::clone(rules),
            limits,
            found: Found::default(),
            path: root.iter().copied().map(Node::above).collect(),
            root: root.len(),
            fresh: root.len().saturating_sub(1),
            phase: Phase::New,
            depth: 0,
            sleep: TaskSet::EMPTY,
            running: Running::NOBODY,
            spurious: Spurious::new(rules.spurious),
            decision: TaskId(0),
            access: Access::Local,
            failure: None,
            decisions: Vec::new(),
            memory: Memory::new(),
            order: Order::new(),
            waiting: Waiting::new(rules),
            symmetry: Symmetry::new(rules.symmetric.clone()),
            least: rules.within.map(|bound| Box::new(Least::new(bound))),
        }
    }

    /// Ends the search.
    pub(super) fn finish(mut self) -> Found {
        if self.found.failure.is_none() {
            self.found.left = self.path.split_off(self.root);
        }
        self.found
    }

    /// Moves on to the next execution of the subtree; false if there is none.
    fn advance(&mut self) -> bool {
        while self.path.len() > self.root {
            let place = self.path.len() - 1;
            let node = &mut self.path[place];
            node.done.insert(node.task);
            if let Some(next) = node.left().first() {
                node.task = next;
                node.fingerprint = 0;
                self.fresh = place;
                return true;
            }
            self.path.pop();
        }
        false
    }

    /// The host has seen something that makes the current execution a failure.
    #[cfg(feature = "shuttle")]
    pub(super) fn object(&mut self, failure: FailureKind) {
        self.failure.get_or_insert(failure);
    }

    fn is_late(&self) -> bool {
        self.limits.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn fail(&mut self, failure: FailureKind) -> Choice {
        self.failure.get_or_insert(failure);
        Choice::Abandon
    }

    /// Whether what happens now happens for the first time in this search.
    fn is_fresh(&self) -> bool {
        self.depth >= self.fresh
    }

    /// Does all that depends on the order of events, before an operation is performed as decided.
    fn step(&mut self, view: &View<'_>, decision: TaskId) {
        let task = decision.plain();
        let operation = &view.pending()[usize::from(task.0)];
        self.decision = decision;
        self.access = Access::of(decision, operation, &self.memory);
        if let Some(event) = self.symmetry.released_by(task) {
            self.order.also_after(task, event);
        }
        let reduce = self.rules.preemptions.is_none();
        let races = reduce && self.is_fresh();
        let next = self.next(decision, operation, self.access);
        let (path, root, requests) = (&mut self.path, self.root, &mut self.found.requests);
        self.order.step(next, races, |race| ask(path, root, requests, &race));
        self.keep_event(view, decision, operation);
        if races && matches!(operation.action, Action::WaitEnd | Action::WaitEndTimed { .. }) {
            self.ask_for_competing_waiters(view, task, operation);
        }
        if reduce && (self.is_fresh() || self.phase == Phase::First) {
            self.sleep = self.next_sleep(view, task);
        }
        self.spurious.performed(decision, operation);
        let write = !self.access.changes_nothing();
        self.symmetry.performed(decision, operation, write, self.depth);
        let able = view.enabled().difference(self.waiting.tasks());
        let yields = operation.action == Action::Yield;
        self.running.performed(task, self.access.is_local(), yields, able);
    }

    /// The decisions that sleep after this event: those that sleep before it or have been explored instead of it, and
    /// that can be exchanged with it.
    fn next_sleep(&self, view: &View<'_>, task: TaskId) -> TaskSet {
        let node = &self.path[self.depth];
        let mut sleep = node.sleep.union(node.done);
        sleep.remove(task);
        sleep.remove(task.spuriously());
        for sleeper in sleep.iter() {
            let operation = &view.pending()[usize::from(sleeper.plain().0)];
            if Access::of(sleeper, operation, &self.memory).depends(self.access) {
                sleep.remove(sleeper);
            }
        }
        sleep
    }
}

impl Controller for Search {
    fn begin(&mut self) -> bool {
        if self.phase == Phase::Interrupted
            || self.phase != Phase::New && !self.advance()
            || self.phase == Phase::Stopped
        {
            return false;
        }
        self.phase = if self.phase == Phase::New { Phase::First } else { Phase::Later };
        self.depth = 0;
        self.sleep = TaskSet::EMPTY;
        self.running = Running::NOBODY;
        self.spurious.reset();
        self.failure = None;
        self.memory.reset();
        self.order.reset();
        self.waiting.reset();
        self.symmetry.reset();
        if let Some(least) = &mut self.least {
            least.reset();
        }
        true
    }

    fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        self.memory.created(kind);
        self.waiting.created(task);
        self.order.created(kind);
        self.symmetry.created(task, object);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        self.memory.observe(task, operation);
        self.waiting.observed(task, operation);
        match operation.action {
            Action::Spawn { child } => {
                self.order.spawned(task, child);
                self.symmetry.spawned(task, child);
            }
            Action::Join { child } => {
                self.order.joined(task, child);
                if let Some(least) = &mut self.least {
                    least.joined(task, &self.order.clock_of(child));
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, _: TaskId) {}

    fn choose(&mut self, view: &View<'_>) -> Choice {
        if let Some(race) = self.memory.race() {
            return self.fail(race.failure());
        }
        if self.failure.is_some() {
            return Choice::Abandon;
        }
        if let Some(least) = &mut self.least {
            least.waiting(self.waiting.tasks());
        }
        if self.depth.is_multiple_of(STEPS_BETWEEN_LOOKS) && self.depth > 0 && self.is_late() {
            self.phase = Phase::Interrupted;
            return Choice::Abandon;
        }
        if self.depth >= self.rules.steps as usize {
            self.found.short.steps = true;
            return Choice::Abandon;
        }
        if self.waiting.is_worn_out() {
            self.found.short.turns = true;
            return Choice::Abandon;
        }
        let decision = if self.depth < self.path.len() {
            match self.revisit(view) {
                Ok(decision) => decision,
                Err(failure) => return self.fail(failure),
            }
        } else if self.limits.expand_to != 0 && self.depth == self.limits.expand_to {
            return Choice::Abandon;
        } else {
            match self.open_node(view) {
                Ok(node) => {
                    self.path.push(node);
                    node.task
                }
                Err(Blocked::Asleep) => {
                    self.ask_for_blocked(view);
                    return Choice::Abandon;
                }
                Err(Blocked::Livelock) => {
                    return self.fail(FailureKind::Unbounded { steps: self.depth as u64, cycle: true });
                }
            }
        };
        let task = decision.plain();
        let fingerprint = fingerprint(&view.pending()[usize::from(task.0)]);
        let before = core::mem::replace(&mut self.path[self.depth].fingerprint, fingerprint);
        if before != 0 && before != fingerprint {
            let found = &view.pending()[usize::from(task.0)];
            let message = format!("{task} comes to another operation after the same decisions, now {found}");
            return self.fail(FailureKind::Nondeterminism { message });
        }
        self.step(view, decision);
        Choice::of(decision)
    }

    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64> {
        let reply = self.memory.perform(self.decision, operation);
        let (Ok(value) | Err(value)) = reply;
        let effect = self.access.effect(operation, value, &self.memory);
        self.waiting.performed(task, operation, effect, value);
        self.found.short.turns |= self.waiting.is_cut();
        self.depth += 1;
        reply
    }

    fn refuses(&self) -> bool {
        self.memory.race().is_some()
    }

    fn present(&self, present: &mut Present<'_>) -> bool {
        if self.failure.is_some() || self.memory.race().is_some() {
            return false;
        }
        for object in (0..present.objects()).map(|number| ObjectId(number as u16)) {
            present.set_value(object, self.memory.value(object));
        }
        true
    }

    fn end(&mut self, ending: Ending<'_>) {
        if self.phase == Phase::Interrupted {
            self.found.untouched = self.path.len() <= self.root;
            return;
        }
        if let Ending::Exceeded { bound } = ending {
            self.found.exceeded = Some(bound);
            self.phase = Phase::Stopped;
            return;
        }
        let race = self.memory.race().map(DataRace::failure);
        let failure = race.or_else(|| self.failure.take()).or_else(|| ending.failure());
        let given_up = failure.is_none() && matches!(ending, Ending::Abandoned);
        if self.limits.expand_to != 0 {
            if !given_up || self.depth == self.limits.expand_to {
                self.found.leaves.push(self.path[..self.depth].iter().map(Node::step).collect());
            }
        } else if given_up {
            self.found.abandoned += 1;
        } else {
            self.complete(failure);
        }
        let all = self.found.executions + self.found.abandoned;
        let limited = self.found.executions >= self.limits.executions || all >= self.limits.all;
        if self.found.failure.is_some() || limited || self.is_late() {
            self.phase = Phase::Stopped;
        }
    }
}

impl Search {
    /// Counts an execution that was not given up, and tells the caller.
    fn complete(&mut self, mut failure: Option<FailureKind>) {
        self.found.executions += 1;
        self.decisions.clear();
        self.decisions.extend(self.path[..self.depth].iter().map(|node| node.task));
        if let Some(on_execution) = &self.limits.on_execution {
            let execution = Execution { decisions: &self.decisions, failure: failure.as_ref() };
            let judged = on_execution(&execution);
            failure = failure.or(judged.err());
        }
        if let Some(kind) = failure {
            let decisions = self.decisions.iter().map(|task| u32::from(task.0)).collect();
            self.found.failure = Some(Failure { kind, execution: self.found.executions, decisions });
        }
    }
}
