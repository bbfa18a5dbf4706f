//! A request in a program: what is run again and again while a counterexample is made small.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cancelproof_model::requests::word::{self, Word};
use cancelproof_model::{Contract, Rule};

use crate::engine::dpor::{self, Arrival, Course, Deviation, Follower, Preemptions, Strengthened};
use crate::execution::{self, Record};
use crate::executor::Controlled;
use crate::exploration::FailureKind;
use crate::history::{History, Order};
use crate::operation::TaskId;
use crate::rules::{self, Evidence, Violation};
use crate::scenario::{Program, Scope};
use crate::subject::Made;
use crate::trace::{Log, Recorded};

/// Executions after which a search for a failing one is given up.
const EXECUTIONS_MAX: u64 = 50_000;

/// Time after which it is given up.
const TIME_MAX: Duration = Duration::from_millis(400);

/// A request in a program, on our own executor.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) program: Arc<Program>,
    pub(super) scope: Scope,
    pub(super) contract: Contract,
    make: Arc<dyn Fn() -> Made<Controlled> + Send + Sync>,
}

/// A failing execution that a search has found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) course: Course,
    pub(super) violation: Violation,
    /// Which of the search's executions it was, from 1.
    pub(super) execution: u64,
}

/// One execution that was run along a course.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) arrival: Arrival,
    pub(super) decisions: Vec<TaskId>,
    pub(super) deviations: Vec<Deviation>,
    pub(super) preemptions: u32,
    pub(super) history: History,
    pub(super) violation: Option<Violation>,
}

impl Run {
    /// What the engine saw, if it saw something.
    pub(super) fn failure(&self) -> Option<&FailureKind> {
        match &self.arrival {
            Arrival::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    pub(super) fn breaks(&self, rule: Rule) -> bool {
        self.violation.as_ref().is_some_and(|violation| violation.rule == rule)
    }
}

impl Case {
    pub(super) fn new(
        program: Program,
        scope: Scope,
        contract: Contract,
        make: impl Fn() -> Made<Controlled> + Send + Sync + 'static,
    ) -> Self {
        Case { program: Arc::new(program), scope, contract, make: Arc::new(make) }
    }

    /// The same request in another program.
    pub(super) fn in_program(&self, program: Program) -> Self {
        Case { program: Arc::new(program), ..self.clone() }
    }

    /// A request that is known to be right, in the same program. Where it fails too, the program is to blame.
    pub(super) fn control(&self) -> Self {
        let contract = self.contract;
        let make = move || -> Made<Controlled> {
            Box::new(Word::<Controlled, word::Reference>::with_contract(contract))
        };
        Case { make: Arc::new(make), ..self.clone() }
    }

    /// What an engine runs again and again.
    pub(super) fn body(&self) -> impl Fn() + Send + Sync + 'static {
        let (program, make) = (Arc::clone(&self.program), Arc::clone(&self.make));
        move || execution::run(&program, || make())
    }

    /// The rule that the execution which has just ended on this thread broke.
    pub(super) fn judge(&self, failure: Option<&FailureKind>) -> Option<Violation> {
        let record = Record::of_this_thread();
        let history = record.history(Order::RealTime);
        let attention = failure.and(record.attention());
        rules::judge(&Evidence::new(&history, &self.contract, self.scope, failure, attention))
    }

    /// Runs one execution.
    pub(super) fn run(&self, course: &Course, strengthened: &[Strengthened]) -> Run {
        let mut follower = Follower::new(course, strengthened);
        dpor::run_once(&mut follower, self.body());
        self.conclude(&follower)
    }

    /// Runs one execution and takes down what happens.
    pub(super) fn record(&self, course: &Course) -> (Run, Log) {
        let mut follower = Follower::new(course, &[]);
        let mut recorded = Recorded::new(&mut follower);
        dpor::run_once(&mut recorded, self.body());
        let log = recorded.into_log();
        (self.conclude(&follower), log)
    }

    fn conclude(&self, follower: &Follower<'_>) -> Run {
        let violation = match follower.arrival() {
            Arrival::Complete => self.judge(None),
            Arrival::Failed(failure) => self.judge(Some(failure)),
            Arrival::RanOut | Arrival::Misfit(_) => None,
        };
        Run {
            arrival: follower.arrival().clone(),
            decisions: follower.decisions().to_vec(),
            deviations: follower.deviations().to_vec(),
            preemptions: follower.preemptions(),
            history: Record::of_this_thread().history(Order::RealTime),
            violation,
        }
    }

    /// The first execution that breaks `rule`, or any rule if none is given.
    pub(super) fn search(&self, rule: Option<Rule>, preemptions: Preemptions) -> Option<Found> {
        let (options, seen) = self.options(rule, preemptions);
        let failure = dpor::explore(&options, self.body()).failure?;
        self.found(rule, &failure, &seen)
    }

    /// As [`Case::search`], only among the executions that begin with these decisions.
    pub(super) fn search_below(&self, prefix: &[TaskId], rule: Rule) -> Option<Found> {
        let (options, seen) = self.options(Some(rule), Preemptions::Unbounded);
        let failure = dpor::explore_below(prefix, &options, self.body())?;
        self.found(Some(rule), &failure, &seen)
    }

    /// Shows every execution that ran to its end: its decisions, its history, and the rule that it broke.
    pub(super) fn visit(
        &self,
        preemptions: Preemptions,
        see: impl Fn(&[TaskId], &History, Option<Violation>) + Send + Sync + 'static,
    ) {
        let case = self.clone();
        let on_execution = move |execution: &dpor::Execution<'_>| {
            if execution.failure.is_none() {
                let history = Record::of_this_thread().history(Order::RealTime);
                see(execution.decisions, &history, case.judge(None));
            }
            Ok(())
        };
        let options = dpor::Options {
            executions: Some(EXECUTIONS_MAX),
            preemptions,
            on_execution: Some(Arc::new(on_execution)),
            ..dpor::Options::default()
        };
        dpor::explore(&options, self.body());
    }

    fn found(&self, rule: Option<Rule>, failure: &crate::exploration::Failure, seen: &Seen) -> Option<Found> {
        let violation = seen.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let course = Course::Roughly(failure.decisions.iter().map(|&task| TaskId(task as u8)).collect());
        let fits =
            rule.is_none_or(|rule| rule == violation.rule) && self.run(&course, &[]).breaks(violation.rule);
        fits.then_some(Found { course, violation, execution: failure.execution })
    }

    fn options(&self, rule: Option<Rule>, preemptions: Preemptions) -> (dpor::Options, Seen) {
        let seen = Seen::default();
        let (case, saw) = (self.clone(), Arc::clone(&seen));
        let on_execution = move |execution: &dpor::Execution<'_>| {
            let violation = case.judge(execution.failure);
            let Some(violation) = violation.filter(|found| rule.is_none_or(|rule| rule == found.rule)) else {
                return Ok(());
            };
            let message = violation.to_string();
            *saw.lock().unwrap_or_else(PoisonError::into_inner) = Some(violation);
            Err(FailureKind::Panic { message })
        };
        let options =
            dpor::Options { preemptions, on_execution: Some(Arc::new(on_execution)), ..limited_options() };
        (options, seen)
    }
}

/// A search that gives up after a while.
pub(super) fn limited_options() -> dpor::Options {
    dpor::Options { executions: Some(EXECUTIONS_MAX), time: Some(TIME_MAX), ..dpor::Options::default() }
}

/// The violation of the failing execution.
type Seen = Arc<Mutex<Option<Violation>>>;
