//! What the proofs of a gate say nothing about, in one line.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Answers;
use super::expectation::Expectation;
use super::plan::Plan;
use crate::engine::claims::{self, Claims, Matter};
use crate::job::{Answer, Task};
use crate::verdict::Verdict;

pub(super) fn write(out: &mut impl Write, plan: &Plan, answers: &Answers) -> io::Result<()> {
    let unseen = claims::unseen(proofs(plan, answers));
    if unseen.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = unseen.into_iter().map(Matter::name).collect();
    writeln!(
        out,
        "what no engine looked at, or not wholly, in some of these proofs: {} (cancelproof show ENGINE says more)",
        names.join(", ")
    )
}

/// The proofs of what is meant to pass, each with the engines that gave it.
fn proofs(plan: &Plan, answers: &Answers) -> impl Iterator<Item = Vec<&'static Claims>> {
    let mut proofs: BTreeMap<(&str, &str), Vec<&'static Claims>> = BTreeMap::new();
    for ((job, answer), expectation) in plan.jobs.iter().zip(answers).zip(&plan.expectations) {
        let (Some(Answer::Judged(judgement)), Expectation::Passes) = (answer, expectation) else { continue };
        let what = match &job.task {
            Task::Scenario { request, scenario } => (request.as_str(), scenario.as_str()),
            Task::System { system, scenario } => (system.as_str(), scenario.as_str()),
            _ => continue,
        };
        if judgement.verdict == Verdict::Proved {
            proofs.entry(what).or_default().push(job.engine.record());
        }
    }
    proofs.into_values()
}
