//! `cancelproof gate`: every request, in every scenario, by every engine.

mod agreement;
mod plan;
mod report;
mod summary;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use super::arguments::{Form, Gate};
use super::kept::{self, Kept};
use super::{Exit, UsageError, failure, progress};
use crate::counterexample::of_failure;
use crate::job::{Answer, Task, ad_hoc};
use crate::registry;
use crate::scenario::{Scenario, catalogue};
use crate::verdict::Verdict;
use crate::workers;
use plan::{Expectation, Group, Plan};

/// The name of the file that `--report` writes.
const REPORT_FILE: &str = "gate.json";

/// Answers by the number of their job.
type Answers = Vec<Option<Answer>>;

pub(super) fn run(arguments: &Gate) -> Result<Exit, UsageError> {
    let plan = Plan::new(arguments, kept::read(&arguments.kept)?)?;
    if let Some(folder) = &arguments.report {
        make_writable(folder)?;
    }
    let begin = Instant::now();
    let answers = work_through(&plan, arguments)?;
    let mut out = io::stdout().lock();
    summary::write(&mut out, &plan, &answers, begin.elapsed())?;
    drop(out);
    show_and_keep(&plan, &answers, arguments)?;
    if let Some(folder) = &arguments.report {
        let path = folder.join(REPORT_FILE);
        let text = report::json(&plan, &answers, arguments);
        fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(exit(&plan, &answers, arguments.allow_bounded))
}

/// Does all jobs, and prints each group's table as soon as the group and all before it are done.
fn work_through(plan: &Plan, arguments: &Gate) -> Result<Answers, UsageError> {
    let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
    let workers = arguments.workers.unwrap_or_else(workers::count_by_default);
    let bar = progress::bar(plan.jobs.len() as u64);
    let mut answers: Answers = vec![None; plan.jobs.len()];
    let mut unprinted = plan.groups.iter();
    let mut next = unprinted.next();
    let mut printed = Ok(());
    workers::run(&program, workers, &plan.jobs, |number, answer| {
        answers[number] = Some(answer);
        bar.inc(1);
        bar.set_message(plan.jobs[number].title());
        while let Some(group) = next.filter(|group| group.is_done(&answers)) {
            if printed.is_ok() {
                printed = bar.suspend(|| print(group, plan, &answers));
            }
            next = unprinted.next();
        }
    })
    .map_err(UsageError::NoWorker)?;
    bar.finish_and_clear();
    printed?;
    Ok(answers)
}

fn print(group: &Group, plan: &Plan, answers: &Answers) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}\n{}\n", group.title, group.table(plan, answers))?;
    out.flush()
}

/// Finds out before the work whether its results can be written after it.
fn make_writable(folder: &Path) -> Result<(), UsageError> {
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, error))?;
    let probe = folder.join(".cancelproof-probe");
    fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe)).map_err(|error| unwritable(folder, error))
}

fn unwritable(path: &Path, error: io::Error) -> UsageError {
    UsageError::Unwritable { path: path.to_owned(), option: "--report", error }
}

/// Prints the smallest counterexample of each refutation that nobody expected, one for each request, rule and
/// scenario, and keeps the failures of requests that should have passed.
fn show_and_keep(plan: &Plan, answers: &Answers, arguments: &Gate) -> Result<(), UsageError> {
    let mut shown = BTreeSet::new();
    for (number, job) in plan.jobs.iter().enumerate() {
        let Some(Answer::Judged(judgement)) = &answers[number] else { continue };
        let Verdict::Refuted { violation, failure } = &judgement.verdict else { continue };
        let expectation = plan.expectations[number];
        let Some((request, scenario)) = scenario_of(&job.task) else { continue };
        let Some(subject) = registry::subject(request) else { continue };
        let program = scenario.program.to_string();
        if expectation == Expectation::Breaks(violation.rule)
            || !shown.insert((request.to_owned(), program, violation.rule))
        {
            continue;
        }
        let found = of_failure(subject, &scenario, job.engine, arguments.seed, violation, failure);
        writeln!(anstream::stdout(), "\n{}", failure::text(&found, Form::default()))?;
        if expectation == Expectation::Passes && matches!(job.task, Task::Scenario { .. }) {
            let (rule, request, engine) = (violation.rule, request.to_owned(), job.engine);
            let kept = Kept { rule, request, engine, program: scenario.program, token: Some(found.token) };
            kept::add(&arguments.kept, &kept)?;
        }
    }
    Ok(())
}

/// The request and the scenario that a job judged, if it did.
fn scenario_of(task: &Task) -> Option<(&str, Scenario)> {
    match task {
        Task::Canary => None,
        Task::Scenario { request, scenario } => Some((request, catalogue::named(scenario)?)),
        Task::Program { request, program } => Some((request, ad_hoc(program.parse().ok()?))),
    }
}

/// The worst of all answers, by what the caller has to know first.
fn exit(plan: &Plan, answers: &Answers, allow_bounded: bool) -> Exit {
    let order = [Exit::Refuted, Exit::ToolFailure, Exit::Vacuous, Exit::OutOfBudget];
    let exits: Vec<Exit> = answers
        .iter()
        .zip(&plan.expectations)
        .map(|(answer, expectation)| exit_of_answer(answer.as_ref(), *expectation, allow_bounded))
        .collect();
    let worst = order.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Proved);
    match worst {
        Exit::Refuted => Exit::Refuted,
        _ if !agreement::differences(plan, answers).is_empty() => Exit::ToolFailure,
        worst => worst,
    }
}

fn exit_of_answer(answer: Option<&Answer>, expectation: Expectation, allow_bounded: bool) -> Exit {
    match (answer, expectation) {
        (None | Some(Answer::Crashed(_)), _) => Exit::ToolFailure,
        (Some(Answer::NotApplicable(_)), _) => Exit::Proved,
        (Some(Answer::Judged(judgement)), Expectation::Passes) => exit_of(&judgement.verdict, allow_bounded),
        (Some(Answer::Judged(judgement)), Expectation::Breaks(rule)) => match &judgement.verdict {
            Verdict::Refuted { violation, .. } if violation.rule == rule => Exit::Proved,
            _ => Exit::ToolFailure,
        },
    }
}

/// What a verdict means for the exit code of a request that should pass.
pub(super) fn exit_of(verdict: &Verdict, allow_bounded: bool) -> Exit {
    match verdict {
        Verdict::Proved | Verdict::Sampled => Exit::Proved,
        Verdict::Bounded(_) if allow_bounded => Exit::Proved,
        Verdict::Bounded(_) => Exit::OutOfBudget,
        Verdict::Refuted { .. } => Exit::Refuted,
        Verdict::Vacuous { .. } => Exit::Vacuous,
        Verdict::ToolFailure { .. } => Exit::ToolFailure,
    }
}
