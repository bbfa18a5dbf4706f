//! One worker's exploration: the graph search, driven by running code.
//!
//! For each graph the body is run from its beginning. As long as a thread has events in the graph, its operations
//! are answered from there (*following*); then threads go on and the graph grows (*extending*).

mod binding;
mod extending;
mod following;
mod pace;
mod present;
mod probing;

use std::time::Instant;

use serde::{Deserialize, Serialize};

use self::extending::Progress;
use self::following::differs;
use self::pace::Pace;
use super::clock::THREADS_MAX;
use super::decisions::{self, Script};
use super::event::Role;
use super::frontier::{Branch, Frontier};
use super::graph::{Graph, is_same_step};
use super::naming::Naming;
use super::race::{race_at, use_beside_end};
use super::retry::{Probe, Purity};
use super::semantics::Spurious;
use crate::executor::{Choice, Controller, Ending, ObjectKind, Present, View};
use crate::exploration::{Bound, FailureKind};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// A long execution looks at the clock now and then.
const CHOICES_BETWEEN_LOOKS: u32 = 256;

/// What a worker must know of the options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) spurious: Spurious,
    pub(super) retry_loops: bool,
    pub(super) cut_turns: bool,
    pub(super) turns: u32,
    pub(super) steps: usize,
    pub(super) deadline: Option<Instant>,
}

/// What a worker has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Complete executions.
    pub(super) complete: u64,
    /// Executions in which a thread is blocked, and that are not of interest.
    pub(super) abandoned: u64,
    /// Executions cut at the bound on steps.
    pub(super) cut: u64,
    /// How often a loop was cut whose turns only look alike.
    #[serde(default)]
    pub(super) turned: u64,
    /// How often a thread went round in such a loop, cut or not.
    #[serde(default)]
    pub(super) looped: u64,
}

impl Counts {
    /// All executions, however they ended.
    pub(super) fn all(&self) -> u64 {
        self.complete + self.abandoned + self.cut
    }

    /// What was counted since an earlier count.
    pub(super) fn since(&self, earlier: &Counts) -> Counts {
        Counts {
            complete: self.complete.saturating_sub(earlier.complete),
            abandoned: self.abandoned.saturating_sub(earlier.abandoned),
            cut: self.cut.saturating_sub(earlier.cut),
            turned: self.turned.saturating_sub(earlier.turned),
            looped: self.looped.saturating_sub(earlier.looped),
        }
    }

    pub(super) fn add(&mut self, other: &Counts) {
        self.complete += other.complete;
        self.abandoned += other.abandoned;
        self.cut += other.cut;
        self.turned += other.turned;
        self.looped += other.looped;
    }
}

/// Explores branches of the search, one after another.
pub(super) struct Explorer<'o> {
    settings: Settings,
    frontier: Frontier,
    naming: Naming,
    /// By thread: how many of its events this run has performed.
    performed: [u16; THREADS_MAX],
    pace: Pace,
    stage: Stage,
    purity: Purity,
    script: Script,
    pub(super) counts: Counts,
    pub(super) failure: Option<(FailureKind, Vec<u32>)>,
    /// The limit that an execution came to, which was not finished.
    pub(super) exceeded: Option<Bound>,
    /// Whether the time was over in the middle of an execution, which does not count.
    pub(super) is_late: bool,
    choices: u32,
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
            frontier: Frontier::new(settings.spurious),
            naming: Naming::default(),
            performed: [0; THREADS_MAX],
            pace: Pace::default(),
            stage: Stage::Next,
            purity: Purity::default(),
            script: Script::default(),
            counts: Counts::default(),
            failure: None,
            exceeded: None,
            is_late: false,
            choices: 0,
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
        while self.exceeded.is_none()
            && !self.is_late
            && (self.goes_on)(&self.counts, self.frontier.pending(), self.frontier.done())
        {
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

    /// A thread drops an object. That is no event of the graph: whether anybody hears of it follows from who has come to the
    /// object in this run, and only the objects that are dropped wrongly differ in that.
    fn end_of_object(&mut self, task: TaskId, end: &Operation) {
        let thread = self.naming.thread(task);
        let performed = self.performed[usize::from(thread)];
        if let Stage::Probing(probe) = &self.stage {
            if performed >= probe.kept() {
                self.heard(task, Some(end));
            }
            return;
        }
        let is_followed = matches!(self.stage, Stage::Following | Stage::Extending);
        if !is_followed || end.object.is_none_or(|object| self.naming.is_unnamed(object)) {
            return;
        }
        let end = self.naming.translate(self.frontier.graph_mut(), task, end);
        if let Some(failure) = use_beside_end(self.frontier.graph(), thread, performed, &end) {
            self.counts.complete += 1;
            self.fail(failure);
        }
    }

    fn fail(&mut self, kind: FailureKind) {
        if self.failure.is_none() {
            self.failure = Some((kind, decisions::encode(self.frontier.graph())));
        }
        self.stage = Stage::Over;
    }
}

impl Controller for Explorer<'_> {
    const OWNS_SYNCHRONISATION: bool = true;

    fn begin(&mut self) -> bool {
        if self.failure.is_some() || self.is_late {
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
        self.pace.reset(self.frontier.graph());
        true
    }

    fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        let (initial, mask) = contents(kind);
        self.naming.create(self.frontier.graph_mut(), task, object, initial, mask);
    }

    fn found(&mut self, _: TaskId, object: ObjectId, kind: ObjectKind) {
        let (initial, mask) = contents(kind);
        self.naming.found(object, initial, mask);
    }

    fn observe(&mut self, task: TaskId, operation: &Operation) {
        if operation.action == Action::End {
            return self.end_of_object(task, operation);
        }
        let thread = self.naming.thread(task);
        let operation = self.translate(task, operation);
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
        self.choices += 1;
        if self.choices.is_multiple_of(CHOICES_BETWEEN_LOOKS)
            && self.settings.deadline.is_some_and(|deadline| Instant::now() >= deadline)
        {
            self.is_late = true;
            return self.give_up();
        }
        if let Stage::Probing(_) = self.stage {
            return self.choose_in_probe(view);
        }
        if let Stage::Following = self.stage {
            if let Some(choice) = self.follow_graph(view) {
                return choice;
            }
            self.stage = Stage::Extending;
            self.check_followed(view);
        }
        match self.stage {
            Stage::Extending => self.extend(view),
            _ => Choice::Abandon,
        }
    }

    fn perform(&mut self, _task: TaskId, _operation: &Operation) -> Result<u64, u64> {
        self.reply
    }

    fn refuses(&self) -> bool {
        self.failure.is_some()
    }

    fn present(&self, present: &mut Present<'_>) -> bool {
        // What a probe tells its thread is made up.
        let is_real = matches!(self.stage, Stage::Over) && self.failure.is_none();
        if is_real {
            self.show_present(present);
        }
        is_real
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
                Ending::Exceeded { bound } => {
                    self.counts.cut += 1;
                    self.exceeded = Some(bound.clone());
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

/// What an object holds when it is created, and the bits that its values have.
fn contents(kind: ObjectKind) -> (u64, u64) {
    match kind {
        ObjectKind::Atomic { initial, bits } => (initial, u64::MAX >> (64 - u32::from(bits))),
        ObjectKind::Arc => (1, u64::MAX),
        ObjectKind::Cell
        | ObjectKind::Mutex
        | ObjectKind::RwLock
        | ObjectKind::Condvar
        | ObjectKind::Once
        | ObjectKind::Meeting
        | ObjectKind::Gate => (0, u64::MAX),
    }
}
