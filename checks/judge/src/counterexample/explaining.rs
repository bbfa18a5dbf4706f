//! An interleaving that explains what was seen where nobody could watch: on real threads.

use std::sync::Arc;

use cancelproof_machine::Rule;

use super::reorder::Best;
use super::stage::{Stage, limited_options};
use super::{Counterexample, case, present};
use crate::engine::dpor::{self, Course};
use crate::exploration::FailureKind;
use crate::history::Outcome;
use crate::operation::TaskId;
use crate::scenario::Scenario;
use crate::subject::Subject;

/// The first execution of our own machine in which every thread gets the very answers that were seen, and which breaks
/// the same rule; `None` if it shows no such execution.
#[must_use]
pub fn explaining(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    rule: Rule,
    seen: &Outcome,
) -> Option<Counterexample> {
    let case = case(subject, scenario.program.clone(), scenario.scope)?;
    let (judge, wanted) = (case.clone(), seen.clone());
    let on_execution = move |execution: &dpor::Execution<'_>| {
        let violation = judge.judge(execution.failure).filter(|violation| violation.rule == rule);
        if violation.is_none() || judge.outcome() != wanted {
            return Ok(());
        }
        // An exploration ends early only at a failure, so what was looked for is reported as one.
        Err(FailureKind::Panic { message: "found".to_owned() })
    };
    let options = dpor::Options { on_execution: Some(Arc::new(on_execution)), ..limited_options() };
    let found = dpor::explore(&options, case.body()).failure?;
    let course = Course::Roughly(found.decisions.iter().map(|&task| TaskId(task as u8)).collect());
    let (run, log) = case.record(&course);
    let is_it = run.breaks(rule) && case.outcome() == *seen;
    is_it.then(|| present(subject, &case, rule, &Best { run, log, execution: found.execution }))
}
