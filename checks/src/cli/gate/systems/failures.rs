//! The failures of systems that nobody expected: made small, and told as those of requests are.
//!
//! A system is the suite's own and keeps to its memory, so no worker process is needed for that.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::cli::arguments::{Form, Gate};
use crate::cli::events::{self, Event};
use crate::cli::gate::expectation::Expectation;
use crate::cli::gate::plan::Plan;
use crate::cli::gate::{Answers, NamedFinding, is_json};
use crate::cli::{failure, output};
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

/// Tells all of them.
pub(in crate::cli::gate) fn show(found: &[NamedFinding], arguments: &Gate) -> io::Result<()> {
    let mut out = output::coloured();
    for (_, engine, Counterexample { token, trace }) in found {
        let Some(broken) = &trace.header.broken else { continue };
        if is_json(arguments) {
            let (request, rule, engine) = (&trace.header.request, &broken.rule, engine.name());
            events::tell(&Event::Found { request, rule, engine, token, trace })?;
        } else {
            writeln!(out, "\n{}", failure::drawn(trace, Form::default()))?;
        }
    }
    Ok(())
}
