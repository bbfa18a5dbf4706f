//! The failures that a gate has found and that nobody expected: made small, shown, and kept.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::expectation::Expectation;
use super::plan::Plan;
use super::{Answers, NamedFinding, is_json};
use crate::cli::arguments::{Form, Gate};
use crate::cli::events::{self, Event};
use crate::cli::kept::{self, Kept};
use crate::cli::{UsageError, failure};
use crate::counterexample::{Counterexample, Token};
use crate::exploration::Failure;
use crate::job::{Answer, Job, Task, ad_hoc};
use crate::judge::Engine;
use crate::judge::growth::{Growth, Refuted};
use crate::rules::Violation;
use crate::scenario::Scenario;
use crate::verdict::Verdict;
use crate::workers;

/// Prints the smallest counterexample of each refutation that nobody expected, one for each request, rule and
/// scenario, and keeps the failures of requests that should have passed. Worker processes make them small: the request
/// runs again for that, and may do anything.
pub(super) fn show_and_keep(
    plan: &Plan,
    answers: &Answers,
    arguments: &Gate,
) -> Result<Vec<NamedFinding>, UsageError> {
    let found = unexpected(plan, answers);
    let jobs: Vec<Job> = found.iter().map(|(number, found)| found.job(&plan.jobs[*number])).collect();
    let mut explained: Answers = vec![None; jobs.len()];
    let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
    let count = arguments.workers.unwrap_or_else(workers::count_by_default);
    workers::run(&program, count, &jobs, |number, answer| explained[number] = Some(answer))
        .map_err(UsageError::NoWorker)?;
    let mut findings = Vec::new();
    for ((number, found), answer) in found.into_iter().zip(explained) {
        let Some(Answer::Explained { token, trace, .. }) = answer else {
            write_unexplained(&found, answer.as_ref(), arguments)?;
            continue;
        };
        let token: Token = token.parse()?;
        let (rule, engine) = (found.violation.rule, found.engine);
        let counterexample = Counterexample { trace: *trace, token: token.clone() };
        if is_json(arguments) {
            let (token, trace) = (token.to_string(), &counterexample.trace);
            let (request, engine) = (found.request, engine.name());
            events::tell(&Event::Found { request, rule: rule.name(), engine, token: &token, trace })?;
        } else {
            writeln!(anstream::stdout(), "\n{}", failure::text(&counterexample, Form::default()))?;
        }
        let is_new = !matches!(plan.jobs[number].task, Task::Program { .. });
        if plan.expectations[number] == Expectation::Passes && is_new {
            let (request, program) = (found.request.to_owned(), found.scenario.program.clone());
            kept::add(&arguments.kept, &Kept { rule, request, engine, program, token: Some(token) })?;
        }
        findings.push((found.scenario.name, engine, counterexample));
    }
    Ok(findings)
}

/// Says what could not be made small.
fn write_unexplained(found: &Found<'_>, answer: Option<&Answer>, arguments: &Gate) -> io::Result<()> {
    let words = match answer {
        Some(Answer::Crashed(words)) => words.as_str(),
        _ => "no worker answered",
    };
    if is_json(arguments) {
        return events::tell(&Event::Crashed { request: found.request, engine: found.engine.name(), words });
    }
    let Found { request, scenario, violation, .. } = found;
    writeln!(
        io::stdout(),
        "\n{request} / {} breaks {violation}\n  and could not be made small: {words}",
        scenario.name
    )
}

/// The refutations that nobody expected, one for each request, rule and program, with the numbers of their jobs.
fn unexpected<'a>(plan: &'a Plan, answers: &'a Answers) -> Vec<(usize, Found<'a>)> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for (number, job) in plan.jobs.iter().enumerate() {
        let Some(found) = answers[number].as_ref().and_then(|answer| found(job, answer)) else { continue };
        let rule = found.violation.rule;
        let is_expected = plan.expectations[number] == Expectation::Breaks(rule);
        if !is_expected && known.insert((found.request, found.scenario.program.to_string(), rule)) {
            all.push((number, found));
        }
    }
    all
}

/// A failure that was found.
struct Found<'a> {
    request: &'a str,
    scenario: Scenario,
    engine: Engine,
    violation: &'a Violation,
    failure: &'a Failure,
}

impl Found<'_> {
    /// The job of making it small.
    fn job(&self, job: &Job) -> Job {
        let task = Task::Explain {
            request: self.request.to_owned(),
            scenario: matches!(job.task, Task::Scenario { .. }).then(|| self.scenario.name.clone()),
            program: self.scenario.program.to_string(),
            violation: self.violation.clone(),
            failure: self.failure.clone(),
            outcome: None,
        };
        Job { task, engine: self.engine, milliseconds: None, ..job.clone() }
    }
}

/// The failure that an answer reports, if it does.
fn found<'a>(job: &'a Job, answer: &'a Answer) -> Option<Found<'a>> {
    match (&job.task, answer) {
        (Task::Growth { request }, Answer::Grown(Growth { refuted: Some(refuted), .. })) => {
            let Refuted { program, engine, violation, failure } = refuted;
            let scenario = ad_hoc(program.parse().ok()?);
            Some(Found { request, scenario, engine: *engine, violation, failure })
        }
        (task, Answer::Judged(judgement)) => {
            let Verdict::Refuted { violation, failure } = &judgement.verdict else { return None };
            let (request, scenario) = task.judged()?;
            Some(Found { request, scenario, engine: job.engine, violation, failure })
        }
        _ => None,
    }
}
