//! A cancel at every point.

use std::collections::BTreeMap;
use std::sync::Arc;

use cancelproof_machine::Cancel;
use cancelproof_machine::machine::{Call, Reply};

use super::Party;
use super::grid::{Grid, Reach};
use crate::alteration::Written;
use crate::execution::{self, Record};
use crate::executor::{Choice, Controller, Ending, Executor, ObjectKind, TaskSet, View, stack_bytes_default};
use crate::exploration::FailureKind;
use crate::history::{Event, History, Order};
use crate::operation::{Action, ObjectId, Operation, TaskId};
use crate::rules::{self, Evidence};
use crate::scenario::{Scenario, ad_hoc};
use crate::subject::Subject;

/// The canceler's thread and task: the second of the program.
const CANCELER: u8 = 1;

/// More operations than any call makes: an execution that goes on for longer goes on for ever.
const STEPS_MAX: u32 = 10_000;

const CLAIMED: &str = "claimed";
const ELSEWHERE: &str = "not claimed, called back by the driver";
const NOT_CALLED: &str = "not claimed, not called back";
const NOT_FOUND: &str = "not found";

/// Runs `party` on `subject` once for each point, with the cancel of the second thread at that point.
///
/// # Panics
///
/// Panics if the program of the party does not parse, or if the subject does not run on our own executor.
#[must_use]
pub fn at_every_point(subject: &'static dyn Subject, party: &Party) -> Grid {
    // The programs are constant, and a test runs them all.
    let scenario = ad_hoc(party.program.parse().expect("the program of a party is a program"));
    let mut reaches = Vec::new();
    for point in 0.. {
        let fuse = run(subject, &scenario, point);
        let is_behind_the_end = fuse.performed < point;
        if is_behind_the_end {
            break;
        }
        reaches.push(fuse.reach());
    }
    Grid {
        request: subject.name().to_owned(),
        party: party.name.to_owned(),
        outcomes: vec![CLAIMED, ELSEWHERE, NOT_CALLED, NOT_FOUND],
        reaches,
    }
}

fn run(subject: &'static dyn Subject, scenario: &Scenario, point: u32) -> Fuse {
    let program = Arc::new(scenario.program.clone());
    let body: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
        let made = || subject.on_controlled().expect("the request runs on our own executor");
        execution::run(&program, made);
    });
    let mut fuse = Fuse::new(point);
    Executor::new(stack_bytes_default()).run(&mut fuse, &body);
    let record = Record::of_this_thread();
    let attention = record.attention();
    let history = record.history(Order::RealTime);
    let contract = subject.contract();
    let evidence = Evidence::new(&history, &contract, scenario.scope, fuse.failure.as_ref(), attention);
    if let Some(violation) = rules::judge(&evidence) {
        fuse.violations.push(violation.to_string());
    } else if let Some(failure) = &fuse.failure {
        fuse.violations.push(format!("{failure:?}"));
    }
    fuse.outcome = outcome(&history);
    fuse
}

/// What came of the canceler's cancel. Whether a callback that is owed was lost is for the rules to say.
fn outcome(history: &History) -> &'static str {
    let operations = history.operations();
    let cancel = operations
        .iter()
        .find(|operation| operation.call == Call::Cancel && operation.thread == CANCELER)
        .and_then(crate::history::Operation::reply);
    let is_called = history.events.iter().any(|event| matches!(event, Event::CallbackStarted { .. }));
    match cancel {
        Some(Reply::Cancel(Cancel::Claimed)) => CLAIMED,
        Some(Reply::Cancel(Cancel::NotFound)) => NOT_FOUND,
        _ if is_called => ELSEWHERE,
        _ => NOT_CALLED,
    }
}

/// A controller with a sequentially consistent memory that lets the driver go up to the point, then the canceler to its
/// end, and then the driver again.
#[derive(Debug, Default)]
struct Fuse {
    /// The number of operations that the driver performs before the cancel.
    point: u32,
    begun: bool,
    /// The operations that the driver has performed.
    performed: u32,
    steps: u32,
    /// The operation that the driver would have performed next.
    label: Option<String>,
    /// Each object's value, and the mask of its width.
    values: Vec<(u64, u64)>,
    failure: Option<FailureKind>,
    violations: Vec<String>,
    outcome: &'static str,
}

impl Fuse {
    fn new(point: u32) -> Self {
        Fuse { point, ..Fuse::default() }
    }

    fn reach(self) -> Reach {
        let point = self.label.unwrap_or_else(|| "after the last operation".to_owned());
        Reach {
            point: format!("{}: {point}", self.point),
            outcomes: BTreeMap::from([(self.outcome, 1)]),
            violations: self.violations,
        }
    }
}

impl Controller for Fuse {
    fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    fn created(&mut self, _: TaskId, _: ObjectId, kind: ObjectKind) {
        self.values.push(match kind {
            ObjectKind::Atomic { initial, bits } => (initial, u64::MAX >> (64 - u32::from(bits))),
            ObjectKind::Arc => (1, u64::MAX),
            _ => (0, u64::MAX),
        });
    }

    fn observe(&mut self, _: TaskId, _: &Operation) {}

    fn ended(&mut self, _: TaskId) {}

    fn choose(&mut self, view: &View<'_>) -> Choice {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            self.failure = Some(FailureKind::Unbounded { steps: u64::from(STEPS_MAX), cycle: false });
            return Choice::Abandon;
        }
        let canceler = TaskId(CANCELER);
        let others = view.enabled().difference(TaskSet::of(canceler));
        let is_time = self.performed >= self.point;
        let goes = match others.first() {
            // Whoever is blocked waits for the other.
            Some(driver) if !is_time || !view.enabled().contains(canceler) => driver,
            Some(driver) => {
                let next = view.pending()[usize::from(driver.0)];
                self.label.get_or_insert_with(|| label(&next));
                canceler
            }
            None => canceler,
        };
        self.performed += u32::from(goes != canceler);
        Choice::Perform(goes)
    }

    fn perform(&mut self, _: TaskId, operation: &Operation) -> Result<u64, u64> {
        let Some(object) = operation.object else { return Ok(0) };
        let (value, mask) = &mut self.values[usize::from(object.0)];
        let old = *value;
        match operation.action {
            Action::Store { value: new, .. } => *value = new & *mask,
            Action::Update { update, operand, .. } => *value = update.apply(old, operand) & *mask,
            Action::CompareExchange { expected, .. } if expected != old => return Err(old),
            Action::CompareExchange { new, .. } => *value = new,
            Action::ReferenceTake => *value = old.wrapping_add(1),
            Action::ReferenceDrop => *value = old.wrapping_sub(1),
            _ => {}
        }
        Ok(old)
    }

    fn end(&mut self, ending: Ending<'_>) {
        self.failure = self.failure.take().or_else(|| ending.failure());
    }
}

/// What is written, and where: the name of the point before it.
pub(super) fn label(operation: &Operation) -> String {
    let location = operation.location;
    let file = location.file().rsplit("/src/").next().unwrap_or_default();
    let text = operation.to_string();
    let what = match Written::of(operation.action) {
        Some(written) => written.to_string(),
        None => text
            .split(" on object")
            .next()
            .unwrap_or_default()
            .split(" at ")
            .next()
            .unwrap_or_default()
            .to_owned(),
    };
    format!("{what} {file}:{}", location.line())
}
