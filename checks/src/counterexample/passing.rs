//! A passing execution, for whoever wants to see how an outcome comes about.

use std::sync::Arc;

use super::{case, draw, known_scenario};
use crate::engine::dpor::{self, Course};
use crate::execution::Record;
use crate::exploration::FailureKind;
use crate::history::{Order, Outcome};
use crate::judge::Engine;
use crate::operation::TaskId;
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::trace::{Header, Trace};

/// The first execution of a scenario that keeps every rule and has an outcome, or any outcome if none is given;
/// `None` if our own machine shows no such execution.
///
/// # Example
///
/// ```
/// use cancelproof::{counterexample, registry, scenario::catalogue};
///
/// let scenario = catalogue::named("mark-finish-two-cancels").unwrap();
/// let trace = counterexample::passing(registry::subject("word").unwrap(), &scenario, None).unwrap();
/// assert_eq!(trace.violation, None);
/// ```
#[must_use]
pub fn passing(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    outcome: Option<&Outcome>,
) -> Option<Trace> {
    let case = case(subject, scenario.program.clone(), scenario.scope)?;
    let (judge, wanted) = (case.clone(), outcome.cloned());
    let on_execution = move |execution: &dpor::Execution<'_>| {
        let history = Record::of_this_thread().history(Order::RealTime);
        let is_wanted = wanted.as_ref().is_none_or(|wanted| *wanted == Outcome::of(&history));
        if !is_wanted || judge.judge(execution.failure).is_some() {
            return Ok(());
        }
        // An exploration ends early only at a failure, so what was looked for is reported as one.
        Err(FailureKind::Panic { message: "found".to_owned() })
    };
    let options =
        dpor::Options { on_execution: Some(Arc::new(on_execution)), ..super::case::limited_options() };
    let found = dpor::explore(&options, case.body()).failure?;
    let course = Course::Roughly(found.decisions.iter().map(|&task| TaskId(task as u8)).collect());
    let (run, log) = case.record(&course);
    let header = Header {
        request: subject.name().to_owned(),
        contract: subject.contract().to_string(),
        scenario: known_scenario(&scenario.program, scenario.scope),
        program: scenario.program.to_string(),
        engine: Engine::Dpor.name().to_owned(),
        execution: found.execution,
        preemptions: run.preemptions,
        broken: None,
        token: None,
    };
    let has_outcome = outcome.is_none_or(|wanted| *wanted == Outcome::of(&run.history));
    (has_outcome && run.violation.is_none()).then(|| draw(&case, header, &run, &log))
}
