//! The failures of systems that nobody expected: made small, as those of requests are.
//!
//! A system is the suite's own and keeps to its memory, so no worker process is needed for that.

use std::collections::BTreeSet;

use crate::cli::gate::expectation::Expectation;
use crate::cli::gate::plan::Plan;
use crate::cli::gate::{Answers, NamedFinding};
use crate::counterexample::Counterexample;
use crate::job::{Answer, Task};
use crate::system::{catalogue, counterexample, registry};
use crate::verdict::Verdict;

/// One for each system, rule and scenario.
pub(in crate::cli::gate) fn find(plan: &Plan, answers: &Answers) -> Vec<NamedFinding> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for (number, job) in plan.jobs.iter().enumerate() {
        let (Task::System { system, scenario }, Some(judgement)) =
            (&job.task, answers[number].as_ref().and_then(Answer::judgement))
        else {
            continue;
        };
        let Verdict::Refuted { violation, failure } = &judgement.verdict else { continue };
        let is_expected = plan.expectations[number] == Expectation::Breaks(violation.rule);
        if is_expected || !known.insert((system, scenario, violation.rule)) {
            continue;
        }
        let (Some(system), Some(named)) = (registry::named(system), catalogue::named(scenario)) else {
            continue;
        };
        let found = counterexample::of_failure(&system, &named, job.engine, violation, failure);
        let found = Counterexample { token: found.token.to_string(), trace: found.trace };
        all.push((scenario.clone(), job.engine, found));
    }
    all
}
