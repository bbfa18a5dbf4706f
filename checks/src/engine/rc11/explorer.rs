//! One worker's exploration: the graph search, driven by running code.
//!
//! For each graph the body is run from its beginning. As long as a thread has events in the graph, its operations
//! are answered from there (*following*); then threads go on and the graph grows (*extending*).

use super::clock::THREADS_MAX;
use super::decisions::{Decision, Script};
use super::ending::{Verdict, judge};
use super::event::{Blocked, Continuation, EventId, Role};
use super::frontier::{Branch, Frontier};
use super::graph::{Graph, NewWrite, is_same_step, object_index};
use super::naming::Naming;
use super::race::race_at;
use super::retry::{Probe, Purity};
use super::semantics::{self, Access, Effect, Strength, access, write_strength};
use crate::executor::{Choice, Controller, Ending, ObjectKind, View};
use crate::exploration::FailureKind;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// What a worker must know of the options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) spurious_failures: bool,
    pub(super) retry_loops: bool,
    pub(super) steps: usize,
}

/// What a worker has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Complete executions.
    pub(super) complete: u64,
    /// Executions in which a thread is blocked, and that are not of interest.
    pub(super) abandoned: u64,
    /// Executions cut at the bound on steps.
    pub(super) cut: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Counts) {
        self.complete += other.complete;
        self.abandoned += other.abandoned;
        self.cut += other.cut;
    }
}

/// Explores branches of the search, one after another.
pub(super) struct Explorer<'o> {
    settings: Settings,
    frontier: Frontier,
    naming: Naming,
    /// By thread: how many of its events this run has performed.
    performed: [u16; THREADS_MAX],
    stage: Stage,
    purity: Purity,
    script: Script,
    pub(super) counts: Counts,
    pub(super) failure: Option<(FailureKind, Vec<u32>)>,
    reply: Result<u64, u64>,
    /// Asked after each execution whether to go on.
    goes_on: &'o mut dyn FnMut(&Counts, usize, f64) -> bool,
    /// Told of each complete execution.
    complete: &'o mut dyn FnMut(&Graph),
}

#[derive(Debug)]
enum Stage {
    /// Between executions: there may be another graph to run.
    Next,
    /// Between executions: the same graph is run again.
    Again,
    /// Threads perform the events that the graph has.
    Following,
    /// The graph grows.
    Extending,
    /// The execution is of no more interest.
    Over,
    /// A thread is asked what it would do.
    Probing(Probe),
}

impl<'o> Explorer<'o> {
    pub(super) fn new(
        settings: Settings,
        goes_on: &'o mut dyn FnMut(&Counts, usize, f64) -> bool,
        complete: &'o mut dyn FnMut(&Graph),
    ) -> Self {
        Explorer {
            settings,
            frontier: Frontier::new(settings.spurious_failures),
            naming: Naming::default(),
            performed: [0; THREADS_MAX],
            stage: Stage::Next,
            purity: Purity::default(),
            script: Script::default(),
            counts: Counts::default(),
            failure: None,
            reply: Ok(0),
            goes_on,
            complete,
        }
    }

    /// The next run of the executor explores this branch.
    pub(super) fn enter(&mut self, branch: Branch) {
        self.counts = Counts::default();
        self.failure = None;
        self.stage = if self.frontier.begin(branch) { Stage::Again } else { Stage::Next };
    }

    /// The next run of the executor is the one that these decisions lead to, and then whatever comes first.
    pub(super) fn follow(&mut self, decisions: &[u32]) {
        self.script = Script::new(decisions);
        self.enter(Branch::root());
    }

    /// What is left to do of the branch.
    pub(super) fn rest(&mut self) -> Vec<Branch> {
        self.frontier.finish();
        self.frontier.split()
    }

    /// How much of the branch is done, estimated.
    pub(super) fn done(&self) -> f64 {
        self.frontier.done()
    }

    /// Goes to the next graph that is to be run; false if there is none, or if the exploration is to stop.
    fn next_graph(&mut self) -> bool {
        while (self.goes_on)(&self.counts, self.frontier.pending(), self.frontier.done()) {
            if !self.frontier.advance() {
                return false;
            }
            let fresh = self.frontier.fresh();
            match fresh.map_or(Progress::Performed, |read| self.resolve(read)) {
                Progress::Performed | Progress::Blocked => {
                    self.stage = Stage::Following;
                    return true;
                }
                Progress::Useless => {}
                Progress::Unknown(probe) => {
                    self.stage = Stage::Probing(probe);
                    return true;
                }
            }
        }
        false
    }

    fn fail(&mut self, kind: FailureKind) {
        if self.failure.is_none() {
            self.failure = Some((kind, super::decisions::encode(self.frontier.graph())));
        }
        self.stage = Stage::Over;
    }

    fn next_event(&self, thread: u8) -> Option<(EventId, &super::event::Event)> {
        let index = self.performed[usize::from(thread)];
        let event = self.frontier.graph().events_of(thread).get(usize::from(index))?;
        Some((EventId { thread, index }, event))
    }

    /// Answers the oldest event that can be performed now; `None` if every thread has performed all it can.
    fn follow_graph(&mut self, view: &View<'_>) -> Option<Choice> {
        let graph = self.frontier.graph();
        let is_done = |event: EventId| event.index < self.performed[usize::from(event.thread)];
        let ready = self
            .naming
            .started()
            .filter(|(_, task)| view.enabled().contains(*task))
            .filter_map(|(thread, task)| Some((task, self.next_event(thread)?)))
            .filter(|(_, (_, event))| event.blocked().is_none() && event.source.is_none_or(is_done))
            .min_by_key(|(_, (_, event))| event.stamp);
        let (task, (id, event)) = ready?;
        let recorded = event.operation;
        self.reply = answer(graph, id);
        let pending = view.pending()[usize::from(task.0)];
        let translated = self.naming.translate(self.frontier.graph_mut(), task, &pending);
        if !is_same_step(&translated, &recorded) {
            self.fail(differs(&recorded, &translated));
            return Some(Choice::Abandon);
        }
        self.performed[usize::from(id.thread)] += events_of_step(self.frontier.graph(), id);
        Some(Choice::Perform(task))
    }

    /// Every event that can be performed was: if one is left that nothing blocks, the program has changed.
    fn check_followed(&mut self) {
        let threads = 0..self.frontier.graph().threads().len() as u8;
        let left =
            threads.filter_map(|thread| self.next_event(thread)).find(|(_, event)| event.blocked().is_none());
        if let Some((_, event)) = left {
            let message = format!("the same decisions do not lead to {} again", event.operation);
            self.fail(FailureKind::Nondeterminism { message });
        }
    }

    /// Lets threads go on until one has an answer to be told.
    fn extend(&mut self, view: &View<'_>) -> Choice {
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

    fn give_up(&mut self) -> Choice {
        self.stage = Stage::Over;
        Choice::Abandon
    }

    /// The thread that goes on next, with its operation. The choice depends on the graph alone: what touches no
    /// memory first, then writes, then reads, then what would have to wait; among equals the thread of the
    /// smallest name. Writes first means fewer revisits; waiting last means fewer blocked executions.
    fn select(&mut self, view: &View<'_>) -> Option<Step> {
        if self.script.is_followed() {
            let task = self.script.next_task(&self.naming).filter(|task| view.enabled().contains(*task))?;
            let pending = view.pending()[usize::from(task.0)];
            let operation = self.naming.translate(self.frontier.graph_mut(), task, &pending);
            return Some((self.naming.thread(task), task, operation));
        }
        let mut best: Option<(Rank, Step)> = None;
        for task in view.enabled().iter() {
            let thread = self.naming.thread(task);
            if self.frontier.graph().last_of(thread).is_some_and(|(_, event)| event.blocked().is_some()) {
                continue;
            }
            let pending = view.pending()[usize::from(task.0)];
            let operation = self.naming.translate(self.frontier.graph_mut(), task, &pending);
            let graph = self.frontier.graph();
            let rank = (self.urgency(thread, &operation), graph.threads()[usize::from(thread)].path);
            if best.as_ref().is_none_or(|(least, _)| rank < *least) {
                best = Some((rank, (thread, task, operation)));
            }
        }
        best.map(|(_, chosen)| chosen)
    }

    fn urgency(&self, thread: u8, operation: &Operation) -> u8 {
        match access(operation) {
            Access::Step | Access::Fence => 0,
            Access::Write(_) => 1,
            Access::Read if !is_hopeless(self.frontier.graph(), thread, operation) => 2,
            Access::Read => 3,
        }
    }

    /// Adds the thread's operation to the graph.
    fn step(&mut self, thread: u8, operation: &Operation) -> Progress {
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
    fn after_read(&mut self, thread: u8) -> Progress {
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
    fn resolve(&mut self, read: EventId) -> Progress {
        let graph = self.frontier.graph();
        match graph.event(read).role {
            Role::Read(Continuation::Blocked(_)) => Progress::Blocked,
            Role::Read(Continuation::Program) => {
                let Some(probe) = Purity::question(graph, read, self.settings.retry_loops) else {
                    return Progress::Performed;
                };
                match self.purity.known(&probe) {
                    None => Progress::Unknown(probe),
                    Some(false) => Progress::Performed,
                    Some(true) => self.block(read, probe.verdict()),
                }
            }
            _ => Progress::Performed,
        }
    }

    /// The thread does not go on after this read. If the read is not of the newest write, no later write can be
    /// given to it, and the execution is of no use.
    fn block(&mut self, read: EventId, why: Blocked) -> Progress {
        let graph = self.frontier.graph_mut();
        graph.block(read, why);
        let event = graph.event(read);
        let is_newest = graph.object(&event.operation).writes.last().copied() == event.source;
        if is_newest { Progress::Blocked } else { Progress::Useless }
    }

    fn scripted_step(&mut self, thread: u8, operation: &Operation, decision: &Decision) -> Progress {
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
    fn stuck(&mut self, view: &View<'_>) -> Choice {
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
        }
        self.give_up()
    }

    /// The thread that a probe asks was heard of.
    fn heard(&mut self, task: TaskId, what: Option<&Operation>) {
        if let Stage::Probing(probe) = &mut self.stage
            && probe.asks(self.naming.thread(task))
        {
            probe.hear(what);
        }
    }

    fn choose_in_probe(&mut self, view: &View<'_>) -> Choice {
        let Stage::Probing(probe) = &self.stage else { return Choice::Abandon };
        let (thread, kept) = (probe.thread(), probe.kept());
        if self.performed[usize::from(thread)] < kept {
            return self.follow_for_probe(view);
        }
        let Some(task) = self.naming.task(thread) else { return self.follow_for_probe(view) };
        if !view.enabled().contains(task) {
            // It waits for another thread to end: nothing that can be followed.
            self.heard(task, Some(&view.pending()[usize::from(task.0)]));
            return Choice::Abandon;
        }
        let pending = view.pending()[usize::from(task.0)];
        let operation = self.naming.translate(self.frontier.graph_mut(), task, &pending);
        let Stage::Probing(probe) = &mut self.stage else { return Choice::Abandon };
        match probe.answer(&operation) {
            Some(reply) => {
                self.reply = reply;
                Choice::Perform(task)
            }
            None => Choice::Abandon,
        }
    }

    /// Brings the execution to where the probe begins.
    fn follow_for_probe(&mut self, view: &View<'_>) -> Choice {
        match self.follow_graph(view) {
            Some(choice) => choice,
            None => Choice::Abandon,
        }
    }

    /// The probe's run is over; either it has a verdict, or it takes another run.
    fn end_probe(&mut self, panicked: Option<u8>) {
        let Stage::Probing(mut probe) = core::mem::replace(&mut self.stage, Stage::Next) else { return };
        if panicked == Some(probe.thread()) {
            probe.refute();
        }
        match probe.conclude() {
            None => self.stage = Stage::Probing(probe),
            Some(is_pure) => {
                self.purity.learn(&probe, is_pure);
                let read = probe.read();
                let goes_on = if is_pure {
                    matches!(self.block(read, probe.verdict()), Progress::Blocked)
                } else {
                    self.frontier.settle()
                };
                self.stage = if goes_on { Stage::Again } else { Stage::Next };
            }
        }
    }
}

/// How soon an operation is to be performed: the least goes first.
type Rank = (u8, u64);

/// A thread, the task that runs it, and its operation.
type Step = (u8, TaskId, Operation);

/// What became of an operation.
enum Progress {
    /// It is in the graph, and the thread is to be told the answer.
    Performed,
    /// It is in the graph, and the thread does not go on.
    Blocked,
    /// No extension of this graph is of interest.
    Useless,
    /// Whether the thread goes on is to be found out first.
    Unknown(Probe),
}

impl Controller for Explorer<'_> {
    const OWNS_SYNCHRONISATION: bool = true;

    fn begin(&mut self) -> bool {
        if self.failure.is_some() {
            return false;
        }
        match self.stage {
            Stage::Next => {
                if !self.next_graph() {
                    return false;
                }
            }
            Stage::Probing(_) => {}
            _ => self.stage = Stage::Following,
        }
        if let Stage::Probing(probe) = &mut self.stage {
            probe.begin();
        }
        self.naming.reset();
        self.performed = [0; THREADS_MAX];
        true
    }

    fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        let (initial, mask) = match kind {
            ObjectKind::Atomic { initial, bits } => (initial, u64::MAX >> (64 - u32::from(bits))),
            ObjectKind::Arc => (1, u64::MAX),
            ObjectKind::Cell | ObjectKind::Mutex | ObjectKind::Condvar => (0, u64::MAX),
        };
        self.naming.create(self.frontier.graph_mut(), task, object, initial, mask);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        let thread = self.naming.thread(task);
        let operation = self.naming.translate(self.frontier.graph_mut(), task, operation);
        if let Stage::Probing(probe) = &self.stage
            && (probe.asks(thread) && self.performed[usize::from(thread)] >= probe.kept()
                || self.next_event(thread).is_none())
        {
            return self.heard(task, Some(&operation));
        }
        if let Some((_, event)) = self.next_event(thread) {
            let recorded = event.operation;
            if !is_same_step(&operation, &recorded) {
                return self.fail(differs(&recorded, &operation));
            }
        } else if matches!(self.stage, Stage::Following | Stage::Extending) {
            let role = match operation.action {
                Action::CellRead => Role::CellRead,
                Action::CellWrite => Role::CellWrite,
                Action::Spawn { child } => Role::Spawn(child.0),
                Action::Join { child } => Role::Join(child.0),
                _ => Role::Step,
            };
            let graph = self.frontier.graph_mut();
            let id = graph.add_step(thread, operation, role);
            if let Role::CellRead | Role::CellWrite = role
                && let Some(race) = race_at(graph, id)
            {
                self.counts.complete += 1;
                self.fail(race);
            }
        }
        self.performed[usize::from(thread)] += 1;
    }

    fn ended(&mut self, task: TaskId) {
        self.heard(task, None);
    }

    fn choose(&mut self, view: &View<'_>) -> Choice {
        if let Stage::Probing(_) = self.stage {
            return self.choose_in_probe(view);
        }
        if let Stage::Following = self.stage {
            if let Some(choice) = self.follow_graph(view) {
                return choice;
            }
            self.stage = Stage::Extending;
            self.check_followed();
        }
        match self.stage {
            Stage::Extending => self.extend(view),
            _ => Choice::Abandon,
        }
    }

    fn perform(&mut self, _task: TaskId, _operation: &Operation) -> Result<u64, u64> {
        self.reply
    }

    fn end(&mut self, ending: Ending<'_>) {
        if let Stage::Probing(_) = self.stage {
            let panicked = match ending {
                Ending::Panic { task, .. } => Some(self.naming.thread(task)),
                _ => None,
            };
            return self.end_probe(panicked);
        }
        if !matches!(self.stage, Stage::Over) {
            match &ending {
                Ending::Complete if self.script.is_followed() => self.fail(FailureKind::Nondeterminism {
                    message: "the execution ended before the decisions did".into(),
                }),
                Ending::Complete => {
                    self.counts.complete += 1;
                    (self.complete)(self.frontier.graph());
                }
                Ending::Abandoned => {}
                Ending::Panic { .. } | Ending::Deadlock { .. } => {
                    self.counts.complete += 1;
                    if let Some(kind) = ending.failure() {
                        self.fail(kind);
                    }
                }
            }
        }
        self.stage = Stage::Next;
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
fn answer(graph: &Graph, id: EventId) -> Result<u64, u64> {
    let event = graph.event(id);
    match (event.role, event.operation.action) {
        (Role::Read(Continuation::Program), Action::CompareExchange { .. }) => Err(event.value),
        (Role::Read(_), _) => Ok(event.value),
        _ => Ok(0),
    }
}

/// Whether the operation would wait, or fail to exchange, if it read the newest write.
fn is_hopeless(graph: &Graph, thread: u8, operation: &Operation) -> bool {
    let object = object_index(operation);
    let newest = graph.objects()[object].writes.last().copied();
    let value = graph.value_of(object, newest);
    match semantics::effect(operation, thread, value, 0, graph.objects()[object].mask) {
        Effect::Wait => true,
        Effect::None => matches!(operation.action, Action::CompareExchange { .. }),
        Effect::Write(_) => false,
    }
}

fn differs(recorded: &Operation, found: &Operation) -> FailureKind {
    FailureKind::Nondeterminism {
        message: format!(
            "the same decisions led first to {:?} at {}, then to {:?} at {}",
            recorded.action, recorded.location, found.action, found.location
        ),
    }
}
