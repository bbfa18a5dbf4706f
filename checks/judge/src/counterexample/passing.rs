//! A passing execution, for whoever wants to see how an outcome comes about.

use std::sync::Arc;

use super::stage::{Stage, limited_options};
use super::{case, known_scenario};
use crate::engine::dpor::{self, Course};
use crate::exploration::FailureKind;
use crate::history::Outcome;
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
/// use cancelproof_judge::{counterexample, registry, scenario::catalogue};
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
    let header = Header {
        request: subject.name().to_owned(),
        contract: subject.contract().to_string(),
        scenario: known_scenario(&scenario.program, scenario.scope),
        program: scenario.program.to_string(),
        ..Header::default()
    };
    first_passing(&case, header, outcome)
}

/// As [`passing`], of whatever is run.
pub(crate) fn first_passing(case: &impl Stage, header: Header, outcome: Option<&Outcome>) -> Option<Trace> {
    let (judge, wanted) = (case.clone(), outcome.cloned());
    let on_execution = move |execution: &dpor::Execution<'_>| {
        let is_wanted = wanted.as_ref().is_none_or(|wanted| *wanted == judge.outcome());
        if !is_wanted || judge.judge(execution.failure).is_some() {
            return Ok(());
        }
        // An exploration ends early only at a failure, so what was looked for is reported as one.
        Err(FailureKind::Panic { message: "found".to_owned() })
    };
    let options = dpor::Options { on_execution: Some(Arc::new(on_execution)), ..limited_options() };
    let found = dpor::explore(&options, case.body()).failure?;
    let course = Course::Roughly(found.decisions.iter().map(|&task| TaskId(task as u8)).collect());
    let (run, log) = case.record(&course);
    let header = Header {
        engine: Engine::Dpor.name().to_owned(),
        execution: found.execution,
        preemptions: run.preemptions,
        ..header
    };
    let has_outcome = outcome.is_none_or(|wanted| *wanted == case.outcome());
    (has_outcome && run.violation.is_none()).then(|| case.draw(header, &run, &log))
}
