//! What is run again and again while a counterexample is made small: a request, or a system, in a program.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cancelproof_machine::Rule;

use crate::engine::dpor::{self, Arrival, Course, Deviation, Follower, Preemptions, Strengthened};
use crate::exploration::{Failure, FailureKind};
use crate::history::Outcome;
use crate::operation::TaskId;
use crate::recorder::{Clocked, Recorded};
use crate::rules::Violation;
use crate::trace::{self, Cast, FromOutside, Header, Log, Material, Trace};

/// Executions after which a search for a failing one is given up.
pub(super) const EXECUTIONS_MAX: u64 = 50_000;

/// Time after which it is given up.
const TIME_MAX: Duration = Duration::from_millis(400);

/// What an engine runs again and again.
pub type Body = Box<dyn Fn() + Send + Sync>;

/// What is run, on our own executor, and how it is judged.
pub trait Stage: Clone + Send + Sync + 'static {
    /// Runs one execution on this thread.
    fn play(&self);

    /// The rule that the execution which has just ended on this thread broke.
    fn judge(&self, failure: Option<&FailureKind>) -> Option<Violation>;

    /// What notes down the executions of this thread.
    fn clocked(&self) -> Arc<dyn Clocked<FromOutside>>;

    /// How many events of the execution that has just ended on this thread it took until `rule` was broken, whatever
    /// followed.
    fn broken_from(&self, rule: Rule) -> Option<usize>;

    /// What an observer of the execution that has just ended on this thread could tell it apart by.
    fn outcome(&self) -> Outcome;

    /// Who takes part.
    fn cast(&self) -> Cast;

    /// What an engine runs again and again.
    fn body(&self) -> Body {
        let stage = self.clone();
        Box::new(move || stage.play())
    }

    /// Runs one execution.
    fn run(&self, course: &Course, strengthened: &[Strengthened]) -> Run {
        let mut follower = Follower::new(course, strengthened);
        dpor::run_once(&mut follower, self.body());
        self.conclude(&follower)
    }

    /// Runs one execution and takes down what happens.
    fn record(&self, course: &Course) -> (Run, Log) {
        let mut follower = Follower::new(course, &[]);
        let mut recorded = Recorded::new(&mut follower, self.clocked());
        dpor::run_once(&mut recorded, self.body());
        let mut log = recorded.into_log();
        let run = self.conclude(&follower);
        log.broken_from = run.violation.as_ref().and_then(|violation| self.broken_from(violation.rule));
        (run, log)
    }

    /// What came of the execution that has just ended on this thread.
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
            violation,
        }
    }

    /// The first execution that breaks `rule`, or any rule if none is given; if there is one, one in which nothing
    /// comes out spuriously, for that is the simpler tale.
    fn search(&self, rule: Option<Rule>, preemptions: Preemptions) -> Option<Found> {
        let (mut options, seen) = options(self, rule, preemptions);
        [false, true].into_iter().find_map(|spurious| {
            (options.spurious_failures, options.spurious_wakeups) = (spurious, spurious);
            let failure = dpor::explore(&options, self.body()).failure?;
            found(self, rule, &failure, &seen)
        })
    }

    /// As [`Stage::search`], only among the executions that begin with these decisions.
    fn search_below(&self, prefix: &[TaskId], rule: Rule) -> Option<Found> {
        let (options, seen) = options(self, Some(rule), Preemptions::Unbounded);
        let failure = dpor::explore_below(prefix, &options, self.body())?;
        found(self, Some(rule), &failure, &seen)
    }

    /// The trace of an execution that was taken down.
    fn draw(&self, header: Header, run: &Run, log: &Log) -> Trace {
        trace::build(Material {
            header,
            log,
            cast: &self.cast(),
            failure: run.failure(),
            rule: run.violation.as_ref().map(|violation| violation.rule),
        })
    }
}

/// A failing execution that a search has found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What leads to it.
    pub course: Course,
    /// What it breaks.
    pub violation: Violation,
    /// Which of the search's executions it was, from 1.
    pub execution: u64,
}

/// One execution that was run along a course.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ended.
    pub arrival: Arrival,
    /// The thread of each decision.
    pub decisions: Vec<TaskId>,
    /// Where it left the course that it would have taken by itself.
    pub deviations: Vec<Deviation>,
    /// How often a thread was interrupted that could have gone on.
    pub preemptions: u32,
    /// The rule that it broke.
    pub violation: Option<Violation>,
}

impl Run {
    /// What the engine saw, if it saw something.
    #[must_use]
    pub fn failure(&self) -> Option<&FailureKind> {
        match &self.arrival {
            Arrival::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Whether it broke this rule.
    #[must_use]
    pub fn breaks(&self, rule: Rule) -> bool {
        self.violation.as_ref().is_some_and(|violation| violation.rule == rule)
    }
}

/// The violation of the failing execution.
type Sighting = Arc<Mutex<Option<Violation>>>;

fn options(stage: &impl Stage, rule: Option<Rule>, preemptions: Preemptions) -> (dpor::Options, Sighting) {
    let seen = Sighting::default();
    let (stage, saw) = (stage.clone(), Arc::clone(&seen));
    let on_execution = move |execution: &dpor::Execution<'_>| {
        let violation = stage.judge(execution.failure);
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

fn found(stage: &impl Stage, rule: Option<Rule>, failure: &Failure, seen: &Sighting) -> Option<Found> {
    let violation = seen.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let course = Course::Roughly(failure.decisions.iter().map(|&task| TaskId(task as u8)).collect());
    let fits =
        rule.is_none_or(|rule| rule == violation.rule) && stage.run(&course, &[]).breaks(violation.rule);
    fits.then_some(Found { course, violation, execution: failure.execution })
}

/// A search that gives up after a while.
pub(super) fn limited_options() -> dpor::Options {
    dpor::Options { executions: Some(EXECUTIONS_MAX), time: Some(TIME_MAX), ..dpor::Options::default() }
}
