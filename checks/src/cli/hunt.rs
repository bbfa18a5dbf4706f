//! `cancelproof hunt`: failures, searched for as long as it is given.

mod stream;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cancelproof_machine::Rule;
use indicatif::{ProgressBar, ProgressStyle};
use stream::{Stream, lock};
use words::describe;

use super::arguments::{Hunt, MessageFormat};
use super::events::{self, Event};
use super::kept::{self, Kept};
use super::{Exit, UsageError, output};
use crate::coverage::{self, Coverage};
use crate::hunt::{Entry, Found, Log, State};
use crate::job::{Answer, Job, Task};
use crate::registry;
use crate::subject::Subject;
use crate::verdict::{Judgement, Verdict};
use crate::workers;

/// The name of the log in its folder.
const LOG: &str = "hunt.jsonl";

/// How often it is written down how far the hunt is.
const NOTE_INTERVAL: Duration = Duration::from_secs(2);

pub(super) fn run(arguments: &Hunt) -> Result<Exit, UsageError> {
    let path = arguments.folder.join(LOG);
    let named: Vec<&'static dyn Subject> =
        arguments.request.iter().map(|name| subject(name)).collect::<Result<_, _>>()?;
    kept::read(&arguments.kept)?;
    let (mut log, state) = Log::open(&path, arguments.resume)?;
    let (seed, subjects) = match &state.begun {
        None if arguments.resume => {
            return Err(UsageError::NothingToResume(format!(
                "there is no hunt to resume in {}",
                path.display()
            )));
        }
        Some((seed, requests)) => {
            (*seed, requests.iter().map(|name| subject(name)).collect::<Result<_, _>>()?)
        }
        None => {
            let all = || registry::REFERENCES.to_vec();
            let subjects = if named.is_empty() { all() } else { named };
            let seed = arguments.seed.unwrap_or(1);
            log.begin(seed, subjects.iter().map(|subject| subject.name().to_owned()).collect())?;
            (seed, subjects)
        }
    };
    Hunter::new(arguments, log, state, seed, subjects)?.hunt(&path)
}

fn subject(name: &str) -> Result<&'static dyn Subject, UsageError> {
    registry::subject(name).ok_or_else(|| UsageError::unknown("request", name, registry::names()))
}

struct Hunter<'a> {
    arguments: &'a Hunt,
    log: Log,
    bar: ProgressBar,
    begin: Instant,
    noted: Instant,
    /// Executions before this process, and in all.
    executions_before: u64,
    executions: u64,
    coverage: BTreeMap<String, Coverage>,
    /// What is known to be broken: request and rule.
    known: BTreeSet<(String, Rule)>,
    crashed: BTreeSet<(String, String)>,
    newest: Option<(Instant, String)>,
    stream: Stream,
    /// Why the hunt cannot go on.
    error: Option<UsageError>,
}

impl<'a> Hunter<'a> {
    fn new(
        arguments: &'a Hunt,
        log: Log,
        state: State,
        seed: u64,
        subjects: Vec<&'static dyn Subject>,
    ) -> Result<Self, UsageError> {
        let begin = Instant::now();
        let stream = Stream {
            subjects,
            seed,
            next: AtomicU64::new(state.next),
            urgent: Mutex::default(),
            at_work: Mutex::default(),
            deadline: begin + arguments.time,
            stop: Arc::default(),
        };
        let style = ProgressStyle::with_template("{spinner} {wide_msg}");
        // The template is constant and has been tried.
        let bar =
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(200));
        let mut hunter = Hunter {
            arguments,
            log,
            bar,
            begin,
            noted: begin,
            executions_before: state.executions,
            executions: state.executions,
            coverage: BTreeMap::new(),
            known: BTreeSet::new(),
            crashed: state.crashed.into_iter().map(|(request, engine, _)| (request, engine)).collect(),
            newest: None,
            stream,
            error: None,
        };
        for found in &state.found {
            // The hunt may have been killed between writing this down and keeping it.
            hunter.keep(found)?;
        }
        Ok(hunter)
    }

    fn hunt(mut self, path: &Path) -> Result<Exit, UsageError> {
        let stop = Arc::clone(&self.stream.stop);
        // Where the signal cannot be caught the hunt is simply killed by it, which loses nothing.
        let _ = ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed));
        if self.is_json() {
            events::start("hunt", None)?;
        }
        let program = std::env::current_exe().map_err(UsageError::NoWorker)?;
        let count = self.arguments.workers.unwrap_or_else(workers::count_by_default);
        let stream = std::mem::replace(&mut self.stream, Stream::over());
        workers::run_while(
            &program,
            count,
            |number| stream.job(number),
            |number, answer| {
                let known = lock(&stream.at_work).remove(&number);
                if let Some((job, _)) = known {
                    self.receive(&stream, &job, answer);
                }
            },
        )
        .map_err(UsageError::NoWorker)?;
        // A failure may have come in when no worker asked for work any more.
        let late: Vec<Job> = lock(&stream.urgent).drain(..).collect();
        workers::run(&program, count, &late, |number, answer| self.receive(&stream, &late[number], answer))
            .map_err(UsageError::NoWorker)?;
        self.bar.finish_and_clear();
        if let Some(error) = self.error {
            return Err(error);
        }
        self.log.write(&Entry::Done { next: stream.first_open(), executions: self.executions })?;
        let exit = match (self.known.is_empty(), self.crashed.is_empty()) {
            (false, _) => Exit::Refuted,
            (true, false) => Exit::ToolFailure,
            (true, true) => Exit::Proved,
        };
        if self.is_json() {
            self.tell_progress(&stream)?;
            events::finish(exit)?;
        } else {
            self.write_summary(path, &stream)?;
        }
        Ok(exit)
    }

    fn receive(&mut self, stream: &Stream, job: &Job, answer: Answer) {
        if self.error.is_none()
            && let Err(error) = self.take(stream, job, answer)
        {
            self.error = Some(error);
            stream.stop.store(true, Ordering::Relaxed);
        }
        // As at an interruption: what was found is kept, and nobody waits for more.
        if output::has_gone() {
            stream.stop.store(true, Ordering::Relaxed);
        }
        self.bar.set_message(self.line(stream));
    }

    fn take(&mut self, stream: &Stream, job: &Job, answer: Answer) -> Result<(), UsageError> {
        match (&job.task, answer) {
            (Task::Program { request, program }, Answer::Judged(judgement)) => {
                self.add(stream, job, request, program, judgement);
            }
            (
                Task::Explain { request, program, violation, .. },
                Answer::Explained { token, trace, is_exact },
            ) => {
                let found = Found {
                    request: request.clone(),
                    rule: violation.rule.name().to_owned(),
                    program: program.clone(),
                    engine: job.engine.name().to_owned(),
                    is_exact,
                    token,
                    trace: *trace,
                };
                self.announce(&found)?;
            }
            // Workers are interrupted together with this process.
            (_, Answer::Crashed(_)) if stream.stop.load(Ordering::Relaxed) => {}
            (Task::Program { request, .. } | Task::Explain { request, .. }, Answer::Crashed(words)) => {
                self.announce_crash(request, job, &words)?;
            }
            _ => {}
        }
        if self.noted.elapsed() > NOTE_INTERVAL {
            self.noted = Instant::now();
            if self.is_json() {
                self.tell_progress(stream)?;
            }
            self.log.write(&Entry::Done { next: stream.first_open(), executions: self.executions })?;
        }
        Ok(())
    }

    /// Counts a judgement, and has its failure made small if it is one that nobody knows yet.
    fn add(&mut self, stream: &Stream, job: &Job, request: &str, program: &str, judgement: Judgement) {
        self.executions += judgement.executions;
        self.coverage.entry(request.to_owned()).or_default().add(&judgement.coverage);
        let Verdict::Refuted { violation, failure } = judgement.verdict else { return };
        if self.known.contains(&(request.to_owned(), violation.rule)) {
            return;
        }
        let (request, program) = (request.to_owned(), program.to_owned());
        // What real threads did cannot be run again, so what was seen of it is looked for.
        let outcome = judgement.failing.filter(|_| !job.engine.is_repeatable());
        let task = Task::Explain { request, scenario: None, program, violation, failure, outcome };
        lock(&stream.urgent).push_back(Job { task, ..job.clone() });
    }

    /// Writes a finding down, then keeps it, then tells it: in this order, so that nothing that was told is ever lost.
    fn announce(&mut self, found: &Found) -> Result<(), UsageError> {
        let Some(rule) = Rule::named(&found.rule) else { return Ok(()) };
        if self.known.contains(&(found.request.clone(), rule)) {
            return Ok(());
        }
        let written = self.log.write(&Entry::Found(Box::new(found.clone())));
        let kept = self.keep(found);
        self.newest = Some((Instant::now(), format!("{rule} in {}", found.request)));
        if self.is_json() {
            let Found { request, rule, engine, token, trace, .. } = found;
            events::tell(&Event::Found { request, rule, engine, token, trace })?;
        } else {
            let text = describe(found);
            self.bar.suspend(|| writeln!(output::coloured(), "{text}"))?;
        }
        written?;
        kept
    }

    /// Adds a finding to the kept failures and remembers it.
    fn keep(&mut self, found: &Found) -> Result<(), UsageError> {
        let (Some(rule), Ok(engine)) = (Rule::named(&found.rule), found.engine.parse()) else {
            return Ok(());
        };
        self.known.insert((found.request.clone(), rule));
        let token = found.token.parse::<crate::counterexample::Token>()?;
        let program = token.program.clone();
        kept::add(
            &self.arguments.kept,
            &Kept { rule, request: found.request.clone(), engine, program, token: Some(token) },
        )
    }

    fn announce_crash(&mut self, request: &str, job: &Job, words: &str) -> Result<(), UsageError> {
        let engine = job.engine.name().to_owned();
        if !self.crashed.insert((request.to_owned(), engine.clone())) {
            return Ok(());
        }
        let written =
            self.log.write(&Entry::Crashed { request: request.to_owned(), engine, words: words.to_owned() });
        self.newest = Some((Instant::now(), format!("a crash of {request}")));
        if self.is_json() {
            events::tell(&Event::Crashed { request, engine: job.engine.name(), words })?;
        } else {
            let title = job.title();
            self.bar.suspend(|| writeln!(output::coloured(), "{title}\n  crashed: {words}\n"))?;
        }
        Ok(written?)
    }

    fn is_json(&self) -> bool {
        self.arguments.message_format == MessageFormat::Json
    }

    fn tell_progress(&self, stream: &Stream) -> io::Result<()> {
        let (edges_seen, edges) = self.edges(stream);
        events::tell(&Event::Progress {
            executions: self.executions,
            executions_per_second: self.rate(),
            edges_seen,
            edges,
            seconds_left: stream.deadline.saturating_duration_since(Instant::now()).as_secs(),
        })
    }

    fn rate(&self) -> u64 {
        let elapsed = self.begin.elapsed().as_millis().max(1) as u64;
        (self.executions - self.executions_before).saturating_mul(1_000) / elapsed
    }

    /// Edges of the machines that were gone along, and all.
    fn edges(&self, stream: &Stream) -> (usize, usize) {
        let of = stream.subjects.iter().map(|subject| coverage::possible(&subject.contract()).len()).sum();
        (self.coverage.values().map(Coverage::len).sum(), of)
    }
}
