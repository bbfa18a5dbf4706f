//! The failures that a gate has found and that nobody expected: made small, shown, and kept.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::causes::{self, Failing};
use super::expectation::Expectation;
use super::plan::Plan;
use super::{Answers, NamedFinding, is_json};
use crate::cli::arguments::{Form, Gate};
use crate::cli::events::{self, Event};
use crate::cli::kept::{self, Kept};
use crate::cli::{UsageError, failure, output};
use crate::counterexample::{Counterexample, TokenError};
use crate::exploration::Failure;
use crate::job::{Answer, Job, Task, ad_hoc};
use crate::judge::Engine;
use crate::judge::growth::{Growth, Refuted};
use crate::rules::Violation;
use crate::scenario::Scenario;
use crate::trace::Trace;
use crate::verdict::Verdict;
use crate::workers;

/// A refutation that nobody expected, with its smallest counterexample or why there is none.
pub(super) struct Explained<'a> {
    found: Found<'a>,
    counterexample: Result<Counterexample, String>,
    /// Whether it belongs among the kept failures, and is not there yet.
    is_to_be_kept: bool,
}

/// Makes each refutation small that nobody expected, one for each request, rule and scenario. Worker processes do it: the
/// request runs again for that, and may do anything.
pub(super) fn explain<'a>(
    plan: &'a Plan,
    answers: &'a Answers,
    arguments: &Gate,
) -> Result<Vec<Explained<'a>>, UsageError> {
    let all = unexpected(plan, answers);
    let jobs: Vec<Option<Job>> = all.iter().map(|(number, found)| found.job(&plan.jobs[*number])).collect();
    let numbers: Vec<usize> = (0..all.len()).filter(|&place| jobs[place].is_some()).collect();
    let mut explained: Answers = vec![None; all.len()];
    let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
    let count = arguments.workers.unwrap_or_else(workers::count_by_default);
    workers::run_in_order(
        &program,
        count,
        &numbers,
        |place| jobs[place].clone(),
        |place, answer| explained[place] = Some(answer),
    )
    .map_err(UsageError::NoWorker)?;
    let with_counterexample = |((number, found), answer): ((usize, Found<'a>), Option<Answer>)| {
        let counterexample = match (found.replayed, answer) {
            (Some((token, trace)), _) => counterexample(token, trace.clone()),
            (None, Some(Answer::Explained { token, trace, .. })) => counterexample(&token, trace),
            (None, Some(Answer::Crashed(words))) => Err(words),
            (None, _) => Err("no worker answered".to_owned()),
        };
        let is_known = matches!(plan.jobs[number].task, Task::Program { .. } | Task::Kept { .. });
        let is_to_be_kept = plan.expectations[number] == Expectation::Passes && !is_known;
        Explained { found, counterexample, is_to_be_kept }
    };
    Ok(all.into_iter().zip(explained).map(with_counterexample).collect())
}

fn counterexample(token: &str, trace: Box<Trace>) -> Result<Counterexample, String> {
    let token = token.parse().map_err(|error: TokenError| error.to_string())?;
    Ok(Counterexample { trace: *trace, token })
}

/// Keeps the failures of requests that should have passed.
pub(super) fn keep(explained: &[Explained<'_>], arguments: &Gate) -> Result<(), UsageError> {
    for Explained { found, counterexample, .. } in explained.iter().filter(|found| found.is_to_be_kept) {
        let Ok(counterexample) = counterexample else { continue };
        let kept = Kept {
            rule: found.violation.rule,
            request: found.request.to_owned(),
            engine: found.engine,
            program: found.scenario.program.clone(),
            token: Some(counterexample.token.clone()),
        };
        kept::add(&arguments.kept, &kept)?;
    }
    Ok(())
}

/// Tells everything that went wrong, as far as it has not been told: each failure where that is asked for, otherwise by cause.
pub(super) fn tell_all(
    plan: &Plan,
    answers: &Answers,
    explained: &[Explained<'_>],
    of_systems: &[NamedFinding],
    arguments: &Gate,
) -> io::Result<()> {
    let mut out = output::coloured();
    if !arguments.verbose && !is_json(arguments) {
        causes::write_others(&mut out, plan, answers)?;
        let of_requests = explained.iter().filter_map(|found| {
            let Counterexample { token, trace } = found.counterexample.as_ref().ok()?;
            Some((found.found.scenario.name.as_str(), trace, token.to_string()))
        });
        let of_systems = of_systems
            .iter()
            .map(|(name, _, Counterexample { token, trace })| (name.as_str(), trace, token.clone()));
        let all: Vec<Failing<'_>> = of_requests
            .chain(of_systems)
            .map(|(scenario, trace, token)| Failing { of: &trace.header.request, scenario, trace, token })
            .collect();
        causes::write(&mut out, &all, |trace| failure::drawn(trace, Form::default()))?;
    }
    for found in explained {
        tell_request(&mut out, found, arguments)?;
    }
    for (_, engine, Counterexample { token, trace }) in of_systems {
        tell(&mut out, trace, token, *engine, arguments)?;
    }
    Ok(())
}

fn tell_request(out: &mut impl Write, explained: &Explained<'_>, arguments: &Gate) -> io::Result<()> {
    let Explained { found: Found { request, scenario, engine, violation, .. }, counterexample, .. } =
        explained;
    match (counterexample, is_json(arguments)) {
        (Ok(Counterexample { trace, token }), _) => tell(out, trace, &token.to_string(), *engine, arguments),
        (Err(words), true) => events::tell(&Event::Crashed { request, engine: engine.name(), words }),
        (Err(words), false) => {
            let name = &scenario.name;
            writeln!(out, "\n{request} / {name} breaks {violation}\n  and could not be made small: {words}")
        }
    }
}

/// Tells one failure, of a request or a system, in a gate that tells each.
fn tell(
    out: &mut impl Write,
    trace: &Trace,
    token: &str,
    engine: Engine,
    arguments: &Gate,
) -> io::Result<()> {
    if !is_json(arguments) {
        if !arguments.verbose {
            return Ok(());
        }
        return writeln!(out, "\n{}", failure::drawn(trace, Form::default()));
    }
    // What is no failure is nobody's finding.
    let Some(broken) = &trace.header.broken else { return Ok(()) };
    let (request, rule, engine) = (&trace.header.request, &broken.rule, engine.name());
    events::tell(&Event::Found { request, rule, engine, token, trace })
}

/// Those that have a counterexample, for the ledger.
pub(super) fn named(explained: Vec<Explained<'_>>) -> Vec<NamedFinding> {
    let named = |Explained { found, counterexample, .. }: Explained<'_>| {
        let Counterexample { token, trace } = counterexample.ok()?;
        let counterexample = Counterexample { token: token.to_string(), trace };
        Some((found.scenario.name, found.engine, counterexample))
    };
    explained.into_iter().filter_map(named).collect()
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
    /// The token and the execution, where a kept failure has been run again and so is small already.
    replayed: Option<&'a (String, Box<Trace>)>,
}

impl Found<'_> {
    /// The job of making it small, unless it is.
    fn job(&self, job: &Job) -> Option<Job> {
        if self.replayed.is_some() {
            return None;
        }
        let task = Task::Explain {
            request: self.request.to_owned(),
            scenario: matches!(job.task, Task::Scenario { .. }).then(|| self.scenario.name.clone()),
            program: self.scenario.program.to_string(),
            violation: self.violation.clone(),
            failure: self.failure.clone(),
            outcome: None,
        };
        Some(Job { task, engine: self.engine, milliseconds: None, executions: None, ..job.clone() })
    }
}

/// The failure that an answer reports, if it does.
fn found<'a>(job: &'a Job, answer: &'a Answer) -> Option<Found<'a>> {
    match (&job.task, answer) {
        (Task::Growth { request }, Answer::Grown(Growth { refuted: Some(refuted), .. })) => {
            let Refuted { program, engine, violation, failure } = refuted;
            let scenario = ad_hoc(program.parse().ok()?);
            Some(Found { request, scenario, engine: *engine, violation, failure, replayed: None })
        }
        (task, answer) => {
            let Verdict::Refuted { violation, failure } = &answer.judgement()?.verdict else { return None };
            let (request, scenario) = task.judged()?;
            let replayed = match answer {
                Answer::Replayed(replay) => replay.found.as_ref(),
                _ => None,
            };
            Some(Found { request, scenario, engine: job.engine, violation, failure, replayed })
        }
    }
}
