//! `cancelproof programs`: every small program, exhausted.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::arguments::{Programs, Size};
use super::{Exit, UsageError, output, progress, table};
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::registry;
use crate::scenario::{Program, enumerate};
use crate::subject::Subject;
use crate::verdict::Verdict;
use crate::workers;

/// Refutations that are printed one by one; more are only counted.
const TROUBLES_MAX: usize = 20;

pub(super) fn run(arguments: &Programs) -> Result<Exit, UsageError> {
    let subjects = subjects(arguments)?;
    let engine: Engine = arguments
        .engine
        .parse()
        .map_err(|_| UsageError::unknown("engine", &arguments.engine, Engine::ALL.map(Engine::name)))?;
    let programs: BTreeSet<Program> =
        arguments.size.iter().flat_map(|size| enumerate::programs(size.threads, size.calls)).collect();
    let jobs: Vec<Job> = subjects
        .iter()
        .flat_map(|subject| programs.iter().map(move |program| job(*subject, program, engine)))
        .collect();
    let begin = Instant::now();
    let tally = judge(&jobs, arguments)?;
    let size: Vec<String> = arguments.size.iter().map(Size::to_string).collect();
    write(
        &mut output::plain(),
        &tally,
        &size.join(" and "),
        programs.len(),
        &subjects,
        engine,
        begin.elapsed(),
    )?;
    Ok(tally.exit)
}

fn subjects(arguments: &Programs) -> Result<Vec<&'static dyn Subject>, UsageError> {
    if arguments.request.is_empty() {
        return Ok(registry::REFERENCES.to_vec());
    }
    let find = |name: &String| {
        registry::subject(name).ok_or_else(|| UsageError::unknown("request", name, registry::names()))
    };
    arguments.request.iter().map(find).collect()
}

fn job(subject: &dyn Subject, program: &Program, engine: Engine) -> Job {
    let task = Task::Program { request: subject.name().to_owned(), program: program.to_string() };
    Job { task, engine, seed: 0, samples: 1, milliseconds: None, executions: None }
}

/// What came of all programs.
struct Tally {
    exit: Exit,
    executions: u64,
    proved: usize,
    /// Programs in which no cancel was answered, such as those that contain none.
    vacuous: usize,
    /// Programs that are for other contracts, such as those with a call that the request does not have.
    inapplicable: usize,
    troubles: Vec<String>,
}

fn judge(jobs: &[Job], arguments: &Programs) -> Result<Tally, UsageError> {
    let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
    let workers = arguments.workers.unwrap_or_else(workers::count_by_default);
    let bar = progress::bar(jobs.len() as u64);
    let mut tally = Tally {
        exit: Exit::Proved,
        executions: 0,
        proved: 0,
        vacuous: 0,
        inapplicable: 0,
        troubles: Vec::new(),
    };
    workers::run(&program, workers, jobs, |number, answer| {
        bar.inc(1);
        tally.add(&jobs[number], &answer);
    })
    .map_err(UsageError::NoWorker)?;
    bar.finish_and_clear();
    tally.troubles.sort();
    if tally.proved == 0 && tally.troubles.is_empty() {
        // Nothing was shown of any request.
        tally.exit = Exit::Vacuous;
    }
    Ok(tally)
}

impl Tally {
    fn add(&mut self, job: &Job, answer: &Answer) {
        let (exit, what) = match answer {
            Answer::Judged(judgement) => {
                self.executions += judgement.executions;
                match &judgement.verdict {
                    Verdict::Proved => {
                        self.proved += 1;
                        return;
                    }
                    Verdict::Vacuous { .. } => {
                        self.vacuous += 1;
                        return;
                    }
                    other => (super::gate::exit_of(other, false), other.to_string()),
                }
            }
            Answer::NotApplicable(_) => {
                self.inapplicable += 1;
                return;
            }
            Answer::Crashed(words) => (Exit::ToolFailure, words.clone()),
            Answer::Grown(_)
            | Answer::Replayed(_)
            | Answer::Explained { .. }
            | Answer::Fingerprinted(_)
            | Answer::Checked(_)
            | Answer::NotStarted => (Exit::ToolFailure, "no judgement".to_owned()),
        };
        // A refutation outweighs everything else that may have gone wrong.
        self.exit = if self.exit == Exit::Refuted { self.exit } else { exit };
        self.troubles.push(format!("{}\n  {what}", job.title()));
    }
}

fn write(
    out: &mut impl Write,
    tally: &Tally,
    size: &str,
    programs: usize,
    subjects: &[&'static dyn Subject],
    engine: Engine,
    elapsed: Duration,
) -> io::Result<()> {
    for trouble in tally.troubles.iter().take(TROUBLES_MAX) {
        writeln!(out, "{trouble}\n")?;
    }
    if tally.troubles.len() > TROUBLES_MAX {
        writeln!(out, "and {} more\n", tally.troubles.len() - TROUBLES_MAX)?;
    }
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name()).collect();
    let (programs, executions) = (table::count(programs as u64), table::count(tally.executions));
    let kept = match (tally.troubles.is_empty(), tally.proved) {
        (false, _) => "did NOT keep every rule in",
        (true, 0) => "has shown nothing in",
        (true, _) => "kept every rule in",
    };
    let of_contract = if tally.inapplicable == 0 { "" } else { " for its contract" };
    writeln!(
        out,
        "{} {kept} every program{of_contract} of up to {size}, every interleaving under {engine}: \
         {programs} programs each, {executions} executions, in {:.1} s",
        names.join(", "),
        elapsed.as_secs_f64()
    )?;
    writeln!(
        out,
        "proved {}, without an answered cancel {}, not for the contract {}, other {}",
        table::count(tally.proved as u64),
        table::count(tally.vacuous as u64),
        table::count(tally.inapplicable as u64),
        table::count(tally.troubles.len() as u64)
    )
}
