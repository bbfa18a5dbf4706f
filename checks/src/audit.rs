//! Everything that a ledger says, found out again: the same jobs from the bounds that it names.
//!
//! The command line audits what it has judged itself, a test target of the front door what it has judged of its author's
//! request; each is its own worker.

use std::collections::BTreeMap;
use std::io;
use std::num::NonZero;

use cancelproof_machine::Rule;

use crate::exploration::Bound;
use crate::fingerprint::{self, Fingerprint};
use crate::job::{Answer, Find, Job, Task};
use crate::judge::Engine;
use crate::ledger::{self, Difference, Expected, Ledger, Record, Selection};
use crate::subject::Subject;
use crate::system;
use crate::workers;

/// What each request is, or why that is not known.
pub(crate) type Fingerprints = BTreeMap<String, Result<Fingerprint, String>>;

/// What is done again.
pub(crate) struct Audit<'a> {
    /// The ledger.
    recorded: &'a Ledger,
    /// What of it is looked at.
    selection: Selection,
    jobs: Vec<(Job, Expected)>,
}

impl<'a> Audit<'a> {
    /// The audit of as much of a ledger as is selected.
    pub(crate) fn new(recorded: &'a Ledger, selection: Selection) -> Self {
        let results: Vec<&Record> =
            recorded.results.iter().filter(|record| selection.covers(record)).collect();
        let mut jobs: Vec<(Job, Expected)> = canaries(recorded, &results);
        let started = results.iter().filter(|record| record.verdict.word != "not started");
        jobs.extend(started.filter_map(|record| job(record)));
        Audit { recorded, selection, jobs }
    }

    /// How many jobs that takes.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.len()
    }

    /// Does them on `workers` processes of this program, which finds requests by `find`, and tells each that is done.
    ///
    /// # Errors
    ///
    /// Returns the error of starting a worker process.
    pub(crate) fn find_again(
        self,
        workers: NonZero<usize>,
        find: Find,
        mut tell: impl FnMut(&Job),
    ) -> io::Result<(Ledger, Vec<Difference>)> {
        let Audit { recorded, selection, jobs } = self;
        let only: Vec<Job> = jobs.iter().map(|(job, _)| job.clone()).collect();
        let mut answers = vec![None; jobs.len()];
        workers::run(&std::env::current_exe()?, workers, &only, |number, answer| {
            tell(&only[number]);
            answers[number] = Some(answer);
        })?;
        let mut found = Ledger::new(selection);
        found.suite = fingerprint::suite(&fingerprint::roots());
        for ((job, expected), answer) in jobs.iter().zip(&answers) {
            found.add(job, answer.as_ref(), *expected);
        }
        let was_judged = |name: &str| found.results.iter().any(|result| result.request == name);
        let requests = recorded.requests.iter().filter(|request| was_judged(&request.name));
        let subjects: Vec<_> = requests.filter_map(|request| find(&request.name)).collect();
        add_requests(&mut found, &subjects, fingerprints(&subjects, workers)?);
        let differences = differences(recorded, &found);
        Ok((found, differences))
    }
}

/// Has worker processes of this program find out what the requests are: what is unknown may well take its process down.
///
/// # Errors
///
/// Returns the error of starting a worker process.
pub(crate) fn fingerprints(
    subjects: &[&'static dyn Subject],
    workers: NonZero<usize>,
) -> io::Result<Fingerprints> {
    let job = |subject: &&'static dyn Subject| Job {
        task: Task::Fingerprint { request: subject.name().to_owned() },
        engine: Engine::Dpor,
        seed: 0,
        samples: 1,
        milliseconds: None,
        executions: None,
    };
    let jobs: Vec<Job> = subjects.iter().map(job).collect();
    let mut found = Fingerprints::new();
    workers::run(&std::env::current_exe()?, workers, &jobs, |number, answer| {
        let print = match answer {
            Answer::Fingerprinted(print) => Ok(print),
            Answer::Crashed(words) => Err(words),
            _ => Err("the worker gave no fingerprint".to_owned()),
        };
        found.insert(subjects[number].name().to_owned(), print);
    })?;
    Ok(found)
}

/// Adds requests with what was found out about them.
pub(crate) fn add_requests(ledger: &mut Ledger, subjects: &[&'static dyn Subject], mut prints: Fingerprints) {
    for subject in subjects {
        let none = || Err("no worker answered".to_owned());
        ledger.add_request(*subject, prints.remove(subject.name()).unwrap_or_else(none));
    }
}

fn differences(recorded: &Ledger, found: &Ledger) -> Vec<Difference> {
    let mut differences = ledger::differences(recorded, found);
    let suite = |suite: &Option<String>| suite.clone().unwrap_or_else(|| "none".to_owned());
    if recorded.suite != found.suite {
        let (recorded, found) = (suite(&recorded.suite), suite(&found.suite));
        let subject = "the suite".to_owned();
        differences.insert(0, Difference { subject, what: "source hash", recorded, found });
    }
    differences
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
        executions: record.bounds.executions,
    };
    Some((job, expected))
}
