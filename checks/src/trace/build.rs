//! From what was taken down to what is read: lanes, calls that nest, values, orders, states, the violating step.

use std::collections::{HashMap, HashSet};

use cancelproof_model::machine::Call;
use cancelproof_model::{Contract, Rule};

use super::data::{Access, Finding, Header, Lane, Object, ObjectKind, Place, Step, Switch, Trace, What};
use super::log::{Entry, Happened, Log, Performed};
use super::order::Tracker;
use super::states::{self, Seen};
use super::violation;
use crate::executor::ObjectKind as Created;
use crate::exploration::FailureKind;
use crate::history::{Event, History};
use crate::operation::{Action, ObjectId, Operation, TaskId};
use crate::scenario::{Program, Scope};

/// What a trace is made from.
pub(crate) struct Material<'a> {
    pub(crate) header: Header,
    pub(crate) log: &'a Log,
    pub(crate) history: &'a History,
    pub(crate) program: &'a Program,
    pub(crate) contract: &'a Contract,
    pub(crate) scope: Scope,
    /// What the engine saw.
    pub(crate) failure: Option<&'a FailureKind>,
    /// The rule that was broken.
    pub(crate) rule: Option<Rule>,
}

/// Makes a trace.
pub(crate) fn build(material: Material<'_>) -> Trace {
    let mut builder = Builder::new(material.log, material.program);
    for entry in &material.log.entries {
        builder.add(entry);
    }
    builder.add_ending(material.log, material.failure);
    let seen: Vec<(usize, Seen)> = builder.steps.iter().map(|step| step.lane).zip(builder.seen).collect();
    let possible = states::possible(material.contract, &seen);
    for (step, possible) in builder.steps.iter_mut().zip(possible) {
        step.states = possible.states.iter().map(ToString::to_string).collect();
        step.is_explained = possible.is_explained;
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
            history: material.history,
            contract: material.contract,
            scope: material.scope,
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
    open: Vec<Vec<Option<Call>>>,
    begun: HashSet<u8>,
    steps_of_events: HashMap<usize, usize>,
}

impl Builder {
    fn new(log: &Log, program: &Program) -> Self {
        let lane_of_task = lanes_of_tasks(log, program);
        let count = lane_of_task.values().max().map_or(1, |most| most + 1).max(program.threads.len());
        let lanes = (0..count).map(|lane| describe_lane(lane, program)).collect();
        let mut tracker = Tracker::default();
        for (number, kind) in log.objects.iter().enumerate() {
            tracker.created(ObjectId(number as u16), *kind);
        }
        Builder {
            lanes,
            lane_of_task,
            objects: objects(log),
            tracker,
            steps: Vec::new(),
            seen: Vec::new(),
            open: vec![Vec::new(); count],
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
            states: Vec::new(),
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
                self.add_event(entry.task, event);
            }
            Happened::Operation(performed) => self.add_operation(entry.task, depth, performed),
            Happened::Ended => {
                self.tracker.ended(entry.task, self.steps.len());
                self.push(entry.task, depth, What::End, Seen::Other);
            }
        }
    }

    fn add_event(&mut self, task: TaskId, event: &Event) {
        let lane = self.lane(task);
        let depth = self.open[lane].len();
        let mark = |arming: u8| arming.saturating_add(1);
        let (depth, what, seen) = match *event {
            Event::Called { call, title, arming, .. } => {
                self.open[lane].push(Some(call));
                let is_raw = title == crate::history::Title::Raw;
                let what = What::Call { call: call.to_string(), is_raw, mark: arming.map(mark) };
                (depth, what, Seen::Called(call))
            }
            Event::Answered { reply, .. } => {
                let call = self.open[lane].pop().flatten().map_or_else(String::new, |call| call.to_string());
                let what = What::Answer { call, reply: reply.to_string() };
                (depth.saturating_sub(1), what, Seen::Answered(reply))
            }
            Event::CallbackStarted { arming, .. } => {
                self.open[lane].push(None);
                (depth, What::CallbackStart { mark: mark(arming) }, Seen::CallbackStarted)
            }
            Event::CallbackReturned { arming, .. } => {
                self.open[lane].pop();
                let what = What::CallbackReturn { mark: mark(arming) };
                (depth.saturating_sub(1), what, Seen::CallbackReturned)
            }
            Event::Released { arming } => (depth, What::Release { mark: mark(arming) }, Seen::Other),
            Event::Settled => (depth, What::Settled, Seen::Other),
        };
        self.push(task, depth, what, seen);
    }

    fn add_operation(&mut self, task: TaskId, depth: usize, performed: &Performed) {
        let operation = &performed.operation;
        let effect = self.tracker.perform(self.steps.len(), task, operation, performed.result);
        let wrote = effect.written.is_some() || matches!(operation.action, Action::Unlock);
        let access = Access {
            name: name(operation),
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
                self.add_finding(task, format!("panic: {message}"));
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
fn lanes_of_tasks(log: &Log, program: &Program) -> HashMap<u8, usize> {
    let mut lanes = HashMap::from([(0u8, 0usize)]);
    for entry in &log.entries {
        if let Happened::Event(_, Event::Called { thread, arming: None, .. }) = entry.what {
            lanes.entry(entry.task.0).or_insert(usize::from(thread));
        }
    }
    let of_harness =
        |performed: &Performed| performed.operation.location.file().ends_with("src/execution.rs");
    for entry in &log.entries {
        let Happened::Operation(performed) = &entry.what else { continue };
        let Action::Spawn { child } = performed.operation.action else { continue };
        if lanes.contains_key(&child.0) {
            continue;
        }
        let is_free = |lane: &usize| !lanes.values().any(|taken| taken == lane);
        let first = if of_harness(performed) { 0 } else { program.threads.len() };
        // There are no more lanes taken than there are tasks.
        let lane = (first..=first + lanes.len()).find(is_free).unwrap_or_default();
        lanes.insert(child.0, lane);
    }
    lanes
}

fn describe_lane(lane: usize, program: &Program) -> Lane {
    match program.threads.get(lane) {
        Some(steps) => {
            let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
            Lane { title: format!("thread {lane}"), program: steps.join(" ") }
        }
        None => Lane { title: format!("thread {lane} of the request"), program: String::new() },
    }
}

/// The names of the three objects that the harness makes, in their order.
const OF_HARNESS: [&str; 3] = ["context", "payload", "meeting"];

fn objects(log: &Log) -> Vec<Object> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let first = log.first_of_harness.unwrap_or(usize::MAX);
    let describe = |(number, created): (usize, &Created)| {
        let (kind, word, initial) = match *created {
            Created::Atomic { initial, .. } => (ObjectKind::Atomic, "atomic", Some(initial)),
            Created::Cell => (ObjectKind::Cell, "cell", None),
            Created::Mutex => (ObjectKind::Lock, "mutex", None),
            Created::Condvar => (ObjectKind::Condvar, "condvar", None),
            Created::Arc => (ObjectKind::Reference, "reference", None),
        };
        let of_harness = number.checked_sub(first).and_then(|place| OF_HARNESS.get(place));
        let name = if let Some(name) = of_harness {
            (*name).to_owned()
        } else {
            let count = counts.entry(word).or_default();
            *count += 1;
            format!("{word} {}", *count - 1)
        };
        Object { kind, name, initial, is_of_harness: of_harness.is_some() }
    };
    log.objects.iter().enumerate().map(describe).collect()
}

fn place(operation: &Operation) -> Place {
    let location = operation.location;
    Place { file: location.file().to_owned(), line: location.line(), column: location.column() }
}

fn name(operation: &Operation) -> String {
    let name = match operation.action {
        Action::Load { .. } => "load",
        Action::Store { .. } => "store",
        Action::Update { update, .. } => return update.to_string(),
        Action::CompareExchange { weak: false, .. } => "compare_exchange",
        Action::CompareExchange { weak: true, .. } => "compare_exchange_weak",
        Action::Fence { .. } => "fence",
        Action::CellRead => "read",
        Action::CellWrite => "write",
        Action::Lock => "lock",
        Action::Unlock => "unlock",
        Action::WaitBegin { .. } => "begin wait",
        Action::WaitEnd => "end wait",
        Action::NotifyOne => "notify_one",
        Action::NotifyAll => "notify_all",
        Action::Park => "park",
        Action::Unpark { .. } => "unpark",
        Action::Spawn { .. } => "spawn",
        Action::Join { .. } => "join",
        Action::Yield => "yield",
        Action::ReferenceTake => "clone",
        Action::ReferenceDrop => "drop",
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
