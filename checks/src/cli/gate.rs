//! `cancelproof gate`: every request, in every scenario, by every engine.

mod agreement;
pub(super) mod evidence;
mod growth;
mod plan;
mod schedule;
mod selection;
mod summary;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Instant;

use super::arguments::{Form, Gate};
use super::kept::{self, Kept};
use super::{Exit, UsageError, failure, progress};
use crate::counterexample::{Counterexample, of_failure};
use crate::exploration::Failure;
use crate::job::{Answer, Job, Task, ad_hoc};
use crate::judge::Engine;
use crate::judge::growth::{Growth, Refuted};
use crate::registry;
use crate::rules::Violation;
use crate::scenario::{Scenario, catalogue};
use crate::verdict::Verdict;
use evidence::Evidence;
use plan::{Expectation, Group, Plan};

/// Answers by the number of their job.
type Answers = Vec<Option<Answer>>;

/// A failure that nobody expected, with the name of its scenario and the engine that found it.
type NamedFinding = (String, Engine, Counterexample);

pub(super) fn run(arguments: &Gate) -> Result<Exit, UsageError> {
    let mut plan = Plan::new(arguments, kept::read(&arguments.kept)?)?;
    let mut evidence = Evidence::prepare(arguments)?;
    if arguments.changed {
        match narrow(arguments, &mut evidence)? {
            Narrowed::Nothing => return Ok(Exit::Proved),
            Narrowed::To(narrowed) => plan = Plan::new(&narrowed, kept::read(&arguments.kept)?)?,
            Narrowed::NotAtAll => {}
        }
    }
    let begin = Instant::now();
    let answers = work_through(&plan, arguments, begin)?;
    let mut out = io::stdout().lock();
    summary::write(&mut out, &plan, &answers, begin.elapsed())?;
    drop(out);
    let findings = show_and_keep(&plan, &answers, arguments)?;
    let disappeared = evidence.keep(&plan, &answers, &findings, arguments)?;
    let exit = exit(&plan, &answers, Tolerance::of(arguments));
    if disappeared.is_empty() {
        return Ok(exit);
    }
    evidence::write_disappeared(&mut io::stdout().lock(), &disappeared)?;
    Ok(if exit == Exit::Refuted { exit } else { Exit::ToolFailure })
}

/// What is left of a gate when only what has changed is judged.
enum Narrowed {
    NotAtAll,
    To(Gate),
    Nothing,
}

/// Restricts the gate to the requests that behave otherwise than in the last ledger, and says which.
fn narrow(arguments: &Gate, evidence: &mut Evidence) -> Result<Narrowed, UsageError> {
    let mut out = io::stdout().lock();
    match evidence.changed(arguments)? {
        Err(reason) => {
            writeln!(out, "everything is judged: {reason}\n")?;
            Ok(Narrowed::NotAtAll)
        }
        Ok(names) if names.is_empty() => {
            writeln!(out, "no request behaves otherwise than in the last ledger: nothing is judged")?;
            Ok(Narrowed::Nothing)
        }
        Ok(names) => {
            writeln!(out, "changed, and judged: {}\n", names.join(", "))?;
            Ok(Narrowed::To(Gate { request: names, ..arguments.clone() }))
        }
    }
}

/// Does all jobs, and prints each group's table as soon as the group and all before it are done.
fn work_through(plan: &Plan, arguments: &Gate, begin: Instant) -> Result<Answers, UsageError> {
    let bar = progress::bar(plan.jobs.len() as u64);
    let mut answers: Answers = vec![None; plan.jobs.len()];
    let mut unprinted = plan.groups.iter();
    let mut next = unprinted.next();
    let mut printed = Ok(());
    schedule::run(plan, arguments, begin, |number, answer| {
        answers[number] = Some(answer);
        bar.inc(1);
        bar.set_message(plan.jobs[number].title());
        while let Some(group) = next.filter(|group| group.is_done(&answers)) {
            if printed.is_ok() {
                printed = bar.suspend(|| print(group, plan, &answers));
            }
            next = unprinted.next();
        }
    })?;
    bar.finish_and_clear();
    printed?;
    Ok(answers)
}

fn print(group: &Group, plan: &Plan, answers: &Answers) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}\n{}\n", group.title, group.table(plan, answers))?;
    out.flush()
}

/// What may be cut short without failing the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tolerance {
    /// Nothing.
    Nothing,
    /// What is beyond the promise of a gate with a budget: that this suite's own engines prove the catalogue.
    Witnesses,
    /// Whatever the caller's limits cut.
    Anything,
}

impl Tolerance {
    fn of(arguments: &Gate) -> Self {
        match (arguments.allow_bounded, arguments.budget) {
            (true, _) => Tolerance::Anything,
            (false, Some(_)) => Tolerance::Witnesses,
            (false, None) => Tolerance::Nothing,
        }
    }

    fn covers(self, job: &Job) -> bool {
        match self {
            Tolerance::Nothing => false,
            Tolerance::Witnesses => !job.engine.is_own(),
            Tolerance::Anything => true,
        }
    }
}

/// A failure that was found.
struct Found<'a> {
    request: &'a str,
    scenario: Scenario,
    engine: Engine,
    violation: &'a Violation,
    failure: &'a Failure,
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
            let (request, scenario) = scenario_of(task)?;
            Some(Found { request, scenario, engine: job.engine, violation, failure })
        }
        _ => None,
    }
}

/// Prints the smallest counterexample of each refutation that nobody expected, one for each request, rule and
/// scenario, and keeps the failures of requests that should have passed.
fn show_and_keep(plan: &Plan, answers: &Answers, arguments: &Gate) -> Result<Vec<NamedFinding>, UsageError> {
    let mut findings = Vec::new();
    let mut shown = BTreeSet::new();
    for (number, job) in plan.jobs.iter().enumerate() {
        let Some(Found { request, scenario, engine, violation, failure }) =
            answers[number].as_ref().and_then(|answer| found(job, answer))
        else {
            continue;
        };
        let expectation = plan.expectations[number];
        let Some(subject) = registry::subject(request) else { continue };
        let program = scenario.program.to_string();
        if expectation == Expectation::Breaks(violation.rule)
            || !shown.insert((request.to_owned(), program, violation.rule))
        {
            continue;
        }
        let found = of_failure(subject, &scenario, engine, arguments.seed, violation, failure);
        writeln!(anstream::stdout(), "\n{}", failure::text(&found, Form::default()))?;
        if expectation == Expectation::Passes && !matches!(job.task, Task::Program { .. }) {
            let (rule, request) = (violation.rule, request.to_owned());
            let (program, token) = (scenario.program.clone(), Some(found.token.clone()));
            kept::add(&arguments.kept, &Kept { rule, request, engine, program, token })?;
        }
        findings.push((scenario.name, engine, found));
    }
    Ok(findings)
}

/// The request and the scenario that a job judged, if it did.
fn scenario_of(task: &Task) -> Option<(&str, Scenario)> {
    match task {
        Task::Canary | Task::Growth { .. } | Task::Fingerprint { .. } => None,
        Task::Scenario { request, scenario } => Some((request, catalogue::named(scenario)?)),
        Task::Program { request, program } => Some((request, ad_hoc(program.parse().ok()?))),
    }
}

/// The worst of all answers, by what the caller has to know first.
fn exit(plan: &Plan, answers: &Answers, tolerance: Tolerance) -> Exit {
    let order = [Exit::Refuted, Exit::ToolFailure, Exit::Vacuous, Exit::OutOfBudget];
    let exits: Vec<Exit> =
        (0..plan.jobs.len()).map(|number| exit_of_answer(plan, answers, number, tolerance)).collect();
    let worst = order.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Proved);
    match worst {
        Exit::Refuted => Exit::Refuted,
        _ if !agreement::differences(plan, answers).is_empty() => Exit::ToolFailure,
        worst => worst,
    }
}

fn exit_of_answer(plan: &Plan, answers: &Answers, number: usize, tolerance: Tolerance) -> Exit {
    let tolerated = tolerance.covers(&plan.jobs[number]);
    match (&answers[number], plan.expectations[number]) {
        (None | Some(Answer::Crashed(_) | Answer::Fingerprinted(_)), _) => Exit::ToolFailure,
        (Some(Answer::NotApplicable(_)), _) => Exit::Proved,
        (Some(Answer::NotStarted), _) if tolerated => Exit::Proved,
        (Some(Answer::NotStarted), _) => Exit::OutOfBudget,
        (Some(Answer::Grown(growth)), _) if growth.refuted.is_some() => Exit::Refuted,
        (Some(Answer::Grown(growth)), _) if !growth.troubles.is_empty() => Exit::ToolFailure,
        (Some(Answer::Grown(_)), _) => Exit::Proved,
        (Some(Answer::Judged(judgement)), Expectation::Passes) => exit_of(&judgement.verdict, tolerated),
        (Some(Answer::Judged(judgement)), Expectation::Breaks(rule)) => match &judgement.verdict {
            Verdict::Refuted { violation, .. } if violation.rule == rule => Exit::Proved,
            Verdict::Bounded(_) => exit_of(&judgement.verdict, tolerated),
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
