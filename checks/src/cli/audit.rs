//! `cancelproof audit`: everything that a ledger says, found out again.

use std::io::{self, Write};

use super::arguments::Audit;
use super::gate::evidence;
use super::{Exit, UsageError, output, progress, table};
use crate::exploration::Bound;
use crate::fingerprint;
use crate::job::{Job, Task};
use crate::ledger::{self, Difference, Expected, Ledger, Record, Selection};
use crate::registry;
use crate::system;
use crate::workers;
use cancelproof_model::Rule;

pub(super) fn run(arguments: &Audit) -> Result<Exit, UsageError> {
    let recorded = ledger::read(&arguments.ledger)?.ok_or_else(|| UsageError::Unreadable {
        path: arguments.ledger.clone(),
        error: io::Error::from(io::ErrorKind::NotFound),
    })?;
    let selection = selection(arguments, &recorded);
    let results: Vec<&Record> = recorded.results.iter().filter(|record| selection.covers(record)).collect();
    let found = find_again(arguments, &recorded, &results, selection)?;
    let mut differences = ledger::differences(&recorded, &found);
    let suite = |suite: &Option<String>| suite.clone().unwrap_or_else(|| "none".to_owned());
    if recorded.suite != found.suite {
        let (recorded, found) = (suite(&recorded.suite), suite(&found.suite));
        let subject = "the suite".to_owned();
        differences.insert(0, Difference { subject, what: "source hash", recorded, found });
    }
    write(&mut output::plain(), arguments, &found, &differences)?;
    Ok(if differences.is_empty() { Exit::Proved } else { Exit::Differs })
}

/// What is looked at: what the ledger was restricted to, or less.
fn selection(arguments: &Audit, recorded: &Ledger) -> Selection {
    let narrower = |asked: &[String], known: &[String]| {
        if asked.is_empty() { known.to_vec() } else { asked.to_vec() }
    };
    Selection {
        requests: narrower(&arguments.request, &recorded.selection.requests),
        scenarios: recorded.selection.scenarios.clone(),
        engines: narrower(&arguments.engine, &recorded.selection.engines),
    }
}

/// Does the same jobs again, from the bounds that the ledger names.
fn find_again(
    arguments: &Audit,
    recorded: &Ledger,
    results: &[&Record],
    selection: Selection,
) -> Result<Ledger, UsageError> {
    let mut jobs: Vec<(Job, Expected)> = canaries(recorded, results);
    let started = results.iter().filter(|record| record.verdict.word != "not started");
    jobs.extend(started.filter_map(|record| job(record)));
    let only: Vec<Job> = jobs.iter().map(|(job, _)| job.clone()).collect();
    let mut answers = vec![None; jobs.len()];
    let bar = progress::bar(jobs.len() as u64);
    let workers = arguments.workers.unwrap_or_else(workers::count_by_default);
    let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
    workers::run(&program, workers, &only, |number, answer| {
        bar.inc(1);
        bar.set_message(only[number].title());
        answers[number] = Some(answer);
    })
    .map_err(UsageError::NoWorker)?;
    bar.finish_and_clear();
    let mut found = Ledger::new(selection);
    found.suite = fingerprint::suite(&fingerprint::roots());
    for ((job, expected), answer) in jobs.iter().zip(&answers) {
        found.add(job, answer.as_ref(), *expected);
    }
    let subjects: Vec<_> = recorded
        .requests
        .iter()
        .filter(|request| found.results.iter().any(|result| result.request == request.name))
        .filter_map(|request| registry::subject(&request.name))
        .collect();
    let mut prints = evidence::fingerprints(&subjects, arguments.workers)?;
    for subject in subjects {
        let none = || Err("no worker answered".to_owned());
        found.add_request(subject, prints.remove(subject.name()).unwrap_or_else(none));
    }
    Ok(found)
}

/// The canary of each engine that is asked, with the bounds of its results.
fn canaries(recorded: &Ledger, results: &[&Record]) -> Vec<(Job, Expected)> {
    let of = |name: &str| {
        let record = results.iter().find(|record| record.engine == name)?;
        let (job, _) = job(record)?;
        Some((Job { task: Task::Canary, ..job }, Expected::Passes))
    };
    recorded.engines.iter().filter_map(|engine| of(&engine.name)).collect()
}

/// The job that led to a result; `None` if it names what this program does not know, which then is a difference.
fn job(record: &Record) -> Option<(Job, Expected)> {
    let request = record.request.clone();
    let task = match &record.scenario {
        Some(scenario) if system::registry::named(&request).is_some() => {
            Task::System { system: request, scenario: scenario.clone() }
        }
        Some(scenario) => Task::Scenario { request, scenario: scenario.clone() },
        None => match record.replayed.clone() {
            Some(token) => Task::Kept { request, program: record.program.clone(), token },
            None => Task::Program { request, program: record.program.clone() },
        },
    };
    let expected = match &record.expected {
        Some(rule) => Expected::Breaks(Rule::named(rule)?),
        None => Expected::Passes,
    };
    let job = Job {
        task,
        engine: record.engine.parse().ok()?,
        seed: record.bounds.seed,
        samples: record.bounds.samples,
        milliseconds: match record.verdict.bound {
            Some(Bound::Milliseconds(limit)) => Some(limit),
            _ => record.bounds.milliseconds,
        },
    };
    Some((job, expected))
}

fn write(
    out: &mut impl Write,
    arguments: &Audit,
    found: &Ledger,
    differences: &[Difference],
) -> io::Result<()> {
    for difference in differences {
        writeln!(out, "{difference}")?;
    }
    let (judgements, executions) =
        (found.results.len(), found.results.iter().map(|result| result.executions).sum::<u64>());
    let verdict = match differences.len() {
        0 => "holds".to_owned(),
        1 => "does NOT hold: 1 difference".to_owned(),
        more => format!("does NOT hold: {more} differences"),
    };
    let has_system = found.results.iter().any(Record::is_of_the_system);
    writeln!(
        out,
        "{} {verdict}; {judgements} judgements of {} requests{} found again, {} executions",
        arguments.ledger.display(),
        found.requests.len(),
        if has_system { " and of the system" } else { "" },
        table::count(executions)
    )
}
