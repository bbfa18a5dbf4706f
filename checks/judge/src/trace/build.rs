//! From what was taken down to what is read: lanes, calls that nest, values, orders, states, the violating step.

use std::collections::{HashMap, HashSet};

use super::data::{Access, Finding, Lane, Object, ObjectKind, Place, Step, Switch, Trace, What};
use super::material::{Cast, Material};
use super::order::Tracker;
use super::outside::{FromOutside, Outside};
use super::states::{self, Seen};
use super::violation;
use super::{Entry, Log};
use crate::executor::ObjectKind as Created;
use crate::exploration::FailureKind;
use crate::operation::{Action, ObjectId, Operation, TaskId};
use crate::recorder::{Happened, Noted, Performed};

/// Makes a trace.
pub fn build(material: Material<'_>) -> Trace {
    let mut builder = Builder::new(material.log, material.cast);
    for entry in &material.log.entries {
        builder.add(entry);
    }
    builder.add_ending(material.log, material.failure);
    if let Some(contract) = &material.cast.machine {
        let seen: Vec<(usize, Seen)> = builder.steps.iter().map(|step| step.lane).zip(builder.seen).collect();
        let possible = states::possible(contract, &seen);
        for (step, possible) in builder.steps.iter_mut().zip(possible) {
            step.states = possible.states.iter().map(ToString::to_string).collect();
            step.is_explained = possible.is_explained;
        }
    }
    let mut trace = Trace {
        header: material.header,
        lanes: builder.lanes,
        objects: builder.objects,
        steps: builder.steps,
        violation: None,
        why: None,
    };
    if let Some(rule) = material.rule {
        let evidence = violation::Evidence {
            broken_from: material.log.broken_from,
            failure: material.failure,
            steps_of_events: &builder.steps_of_events,
        };
        trace.violation = violation::find(&mut trace, rule, &evidence);
    }
    trace
}

struct Builder {
    lanes: Vec<Lane>,
    lane_of_task: HashMap<u8, usize>,
    objects: Vec<Object>,
    tracker: Tracker,
    steps: Vec<Step>,
    seen: Vec<Seen>,
    /// For each lane the calls and callbacks that are open.
    open: Vec<Vec<Option<String>>>,
    /// The state that the latest event has told, and its place in the history: calls are moved to where they go on.
    told: Option<String>,
    told_by: usize,
    begun: HashSet<u8>,
    steps_of_events: HashMap<usize, usize>,
}

impl Builder {
    fn new(log: &Log, cast: &Cast) -> Self {
        let lane_of_task = lanes_of_tasks(log, cast);
        let count = lane_of_task.values().max().map_or(1, |most| most + 1).max(cast.threads.len());
        let lanes = (0..count).map(|lane| describe_lane(lane, cast)).collect();
        let mut tracker = Tracker::default();
        for (number, kind) in log.objects.iter().enumerate() {
            tracker.created(ObjectId(number as u16), *kind);
        }
        Builder {
            lanes,
            lane_of_task,
            objects: objects(log, cast),
            tracker,
            steps: Vec::new(),
            seen: Vec::new(),
            open: vec![Vec::new(); count],
            told: None,
            told_by: 0,
            begun: HashSet::new(),
            steps_of_events: HashMap::new(),
        }
    }

    fn lane(&self, task: TaskId) -> usize {
        self.lane_of_task.get(&task.0).copied().unwrap_or_default()
    }

    fn push(&mut self, task: TaskId, depth: usize, what: What, seen: Seen) -> &mut Step {
        let lane = self.lane(task);
        let spawn = if self.begun.insert(task.0) { self.tracker.first_step(task) } else { None };
        self.seen.push(seen);
        self.steps.push(Step {
            lane,
            depth,
            what,
            place: None,
            switch: None,
            ordered_after: spawn.into_iter().collect(),
            states: self.told.iter().cloned().collect(),
            is_explained: true,
        });
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    fn add(&mut self, entry: &Entry) {
        let depth = self.open[self.lane(entry.task)].len();
        match &entry.what {
            Happened::Event(number, event) => {
                self.steps_of_events.insert(*number, self.steps.len());
                if event.note.state.is_some() && *number >= self.told_by {
                    self.told.clone_from(&event.note.state);
                    self.told_by = *number;
                }
                self.add_noted(entry.task, &event.note);
            }
            Happened::Operation(performed) => self.add_operation(entry.task, depth, performed),
            Happened::Ended => {
                self.tracker.ended(entry.task, self.steps.len());
                self.push(entry.task, depth, What::End, Seen::Other);
            }
        }
    }

    fn add_noted(&mut self, task: TaskId, noted: &FromOutside) {
        let lane = self.lane(task);
        let depth = self.open[lane].len();
        let (depth, what, seen) = match noted.what.clone() {
            Outside::Called { call, is_raw, mark, machine, .. } => {
                self.open[lane].push(Some(call.clone()));
                (depth, What::Call { call, is_raw, mark }, machine.map_or(Seen::Other, Seen::Called))
            }
            Outside::Answered { reply, machine } => {
                let call = self.open[lane].pop().flatten().unwrap_or_default();
                let seen = machine.map_or(Seen::Other, Seen::Answered);
                (depth.saturating_sub(1), What::Answer { call, reply }, seen)
            }
            Outside::CallbackStarted(mark) => {
                self.open[lane].push(None);
                (depth, What::CallbackStart { mark }, Seen::CallbackStarted)
            }
            Outside::CallbackReturned(mark) => {
                self.open[lane].pop();
                (depth.saturating_sub(1), What::CallbackReturn { mark }, Seen::CallbackReturned)
            }
            Outside::Released(mark) => (depth, What::Release { mark }, Seen::Other),
            Outside::Settled => (depth, What::Settled, Seen::Other),
            Outside::Note(text) => (depth, What::Note { text }, Seen::Other),
        };
        self.push(task, depth, what, seen);
    }

    fn add_operation(&mut self, task: TaskId, depth: usize, performed: &Performed) {
        let operation = &performed.operation;
        let effect = self.tracker.perform(self.steps.len(), task, operation, performed.result);
        let wrote = effect.written.is_some() || matches!(operation.action, Action::Unlock);
        let access = Access {
            name: name(operation, performed.result),
            object: operation.object.map(|object| usize::from(object.0)),
            ordering: ordering(operation),
            operand: operand(operation),
            read: effect.read,
            read_from: effect.read_from,
            written: effect.written,
            other: other_task(operation).map(|other| self.lane(other)),
        };
        let switch = performed.switch.map(|(from, reason)| Switch { from: self.lane(from), reason });
        let own = self.lane(task);
        let foreign: Vec<usize> =
            effect.ordered_after.into_iter().filter(|&step| self.steps[step].lane != own).collect();
        let step = self.push(task, depth, What::Operation(access), Seen::Operation { wrote });
        step.ordered_after.extend(foreign);
        step.place = Some(place(operation));
        if let Some(switch) = switch {
            self.attach(switch);
        }
    }

    /// A switch shows at the first step after it: the call that was moved here with its operation.
    fn attach(&mut self, switch: Switch) {
        let mut place = self.steps.len() - 1;
        let lane = self.steps[place].lane;
        while place > 0
            && self.steps[place - 1].lane == lane
            && matches!(self.steps[place - 1].what, What::Call { .. })
        {
            place -= 1;
        }
        self.steps[place].switch = Some(switch);
    }

    /// What the engine saw at the end.
    fn add_ending(&mut self, log: &Log, failure: Option<&FailureKind>) {
        match failure {
            Some(FailureKind::Deadlock { .. }) => {
                for (task, operation) in &log.stuck {
                    let depth = self.open[self.lane(*task)].len();
                    let waiting_for = self.describe_wait(operation);
                    let step = self.push(*task, depth, What::Stuck { waiting_for }, Seen::Other);
                    step.place = Some(place(operation));
                }
            }
            Some(FailureKind::Panic { message }) => {
                let task = log.panicked.or_else(|| last_task(log)).unwrap_or(TaskId(0));
                let is_of_memory = failure.is_some_and(FailureKind::is_of_lifetime);
                let text = if is_of_memory { message.clone() } else { format!("panic: {message}") };
                self.add_finding(task, text);
            }
            Some(FailureKind::Unbounded { steps, cycle }) => {
                let text = if *cycle {
                    "every thread goes round in a loop and waits for the others".to_owned()
                } else {
                    format!("no end after {steps} steps")
                };
                let task = last_task(log).unwrap_or(TaskId(0));
                self.add_finding(task, text);
            }
            _ => {}
        }
    }

    fn add_finding(&mut self, task: TaskId, text: String) {
        let depth = self.open[self.lane(task)].len();
        self.push(task, depth, What::Finding(Finding { text, race: None }), Seen::Other);
    }

    fn describe_wait(&self, operation: &Operation) -> String {
        let object = operation
            .object
            .and_then(|object| self.objects.get(usize::from(object.0)))
            .map_or("something", |object| object.name.as_str());
        match operation.action {
            Action::Join { child } => format!("the end of {}", self.lanes[self.lane(child)].title),
            Action::Park => "an unpark".to_owned(),
            Action::WaitEnd => format!("a notification of {object}"),
            _ => object.to_owned(),
        }
    }
}

fn last_task(log: &Log) -> Option<TaskId> {
    log.entries.last().map(|entry| entry.task)
}

/// Which lane each task is drawn in: the threads of the program by their numbers, then those of the request itself.
fn lanes_of_tasks(log: &Log, cast: &Cast) -> HashMap<u8, usize> {
    let mut lanes = HashMap::from([(0u8, 0usize)]);
    for entry in &log.entries {
        if let Happened::Event(
            _,
            Noted { note: FromOutside { what: Outside::Called { thread: Some(thread), .. }, .. }, .. },
        ) = &entry.what
        {
            lanes.entry(entry.task.0).or_insert(usize::from(*thread));
        }
    }
    let of_harness = |performed: &Performed| {
        let file = performed.operation.location.file();
        file.ends_with("src/execution.rs") || file.ends_with("src/system/execution.rs")
    };
    for entry in &log.entries {
        let Happened::Operation(performed) = &entry.what else { continue };
        let Action::Spawn { child } = performed.operation.action else { continue };
        if lanes.contains_key(&child.0) {
            continue;
        }
        let is_free = |lane: &usize| !lanes.values().any(|taken| taken == lane);
        let first = if of_harness(performed) { 0 } else { cast.threads.len() };
        // There are no more lanes taken than there are tasks.
        let lane = (first..=first + lanes.len()).find(is_free).unwrap_or_default();
        lanes.insert(child.0, lane);
    }
    lanes
}

fn describe_lane(lane: usize, cast: &Cast) -> Lane {
    match cast.threads.get(lane) {
        Some(steps) => Lane { title: format!("thread {lane}"), program: steps.clone() },
        None => Lane { title: format!("thread {lane} of the {}", cast.of_whom), program: String::new() },
    }
}

fn objects(log: &Log, cast: &Cast) -> Vec<Object> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let first = log.first_of_harness.unwrap_or(usize::MAX);
    let describe = |(number, created): (usize, &Created)| {
        let (kind, word, initial) = match *created {
            Created::Atomic { initial, .. } => (ObjectKind::Atomic, "atomic", Some(initial)),
            Created::Cell => (ObjectKind::Cell, "cell", None),
            Created::Mutex => (ObjectKind::Lock, "mutex", None),
            Created::RwLock => (ObjectKind::Lock, "lock", None),
            Created::Condvar => (ObjectKind::Condvar, "condvar", None),
            Created::Arc => (ObjectKind::Reference, "reference", None),
            Created::Once => (ObjectKind::Lock, "once", None),
            Created::Meeting => (ObjectKind::Lock, "barrier", None),
            Created::Gate => (ObjectKind::Condvar, "gate", None),
        };
        let of_harness = number.checked_sub(first).and_then(|place| cast.harness.get(place));
        let name = if let Some(name) = of_harness {
            name.clone()
        } else {
            let count = counts.entry(word).or_default();
            *count += 1;
            format!("{word} {}", *count - 1)
        };
        Object { kind, name, initial, is_of_harness: of_harness.is_some() }
    };
    log.objects.iter().enumerate().map(describe).collect()
}

/// How a weak compare-exchange that fails although the value is the expected one is named.
pub(super) const SPURIOUS_FAILURE: &str = "compare_exchange_weak fails spuriously,";

fn place(operation: &Operation) -> Place {
    let location = operation.location;
    Place { file: location.file().to_owned(), line: location.line(), column: location.column() }
}

fn name(operation: &Operation, result: Result<u64, u64>) -> String {
    let name = match operation.action {
        Action::CompareExchange { weak: true, expected, .. } if result == Err(expected) => SPURIOUS_FAILURE,
        Action::WaitEnd if result.is_err() => "end wait, spuriously",
        Action::WaitEndTimed { .. } if result.is_err() => "wait_timeout, the time is over",
        Action::Park if result.is_err() => "park ends spuriously",
        Action::Load { .. } => "load",
        Action::Store { .. } => "store",
        Action::Update { update, .. } => return update.to_string(),
        Action::CompareExchange { weak: false, .. } => "compare_exchange",
        Action::CompareExchange { weak: true, .. } => "compare_exchange_weak",
        Action::Fence { .. } => "fence",
        Action::CellRead => "read",
        Action::CellWrite => "write",
        Action::End => "free",
        Action::Lock => "lock",
        Action::Unlock => "unlock",
        Action::LockShared => "lock shared",
        Action::UnlockShared => "unlock shared",
        Action::TryLock => "try_lock",
        Action::TryLockShared => "try_lock shared",
        Action::WaitBegin { .. } => "begin wait",
        Action::WaitEnd => "end wait",
        Action::WaitEndTimed { .. } => "end wait_timeout",
        Action::NotifyOne => "notify_one",
        Action::NotifyAll => "notify_all",
        Action::Park => "park",
        Action::ParkTimed => "park_timeout",
        Action::Unpark { .. } => "unpark",
        Action::Spawn { .. } => "spawn",
        Action::Join { .. } => "join",
        Action::Yield => "yield",
        Action::ReferenceTake => "clone",
        Action::ReferenceDrop => "drop",
        Action::OnceBegin { .. } if result.is_ok() => "once, begins",
        Action::OnceBegin { .. } => "once, was done",
        Action::OnceEnd { poisons: false } => "once, ends",
        Action::OnceEnd { poisons: true } => "once, panics",
        Action::OnceLook => "once, look",
        Action::Arrive { .. } => "arrive",
        Action::GateOpen => "open",
        Action::GatePass => "wait",
    };
    name.to_owned()
}

fn ordering(operation: &Operation) -> String {
    match operation.action {
        Action::Load { ordering }
        | Action::Store { ordering, .. }
        | Action::Update { ordering, .. }
        | Action::Fence { ordering } => format!("{ordering:?}"),
        Action::CompareExchange { success, failure, .. } => format!("{success:?}, {failure:?}"),
        _ => String::new(),
    }
}

fn operand(operation: &Operation) -> Option<u64> {
    match operation.action {
        Action::Update { operand, .. } => Some(operand),
        Action::CompareExchange { expected, .. } => Some(expected),
        _ => None,
    }
}

fn other_task(operation: &Operation) -> Option<TaskId> {
    match operation.action {
        Action::Spawn { child } | Action::Join { child } => Some(child),
        Action::Unpark { target } => Some(target),
        _ => None,
    }
}
