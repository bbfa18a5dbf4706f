//! The ledger of a run of tests, for whoever asks for it: what a gate writes of the suite's own requests.
//!
//! A run of the whole target makes one file in the folder, named after the request; a run of a part, as each test of
//! cargo-nextest is one, makes a file of its own. `cancelproof report` puts them together.

use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Arguments;

use crate::audit;
use crate::counterexample::Counterexample;
use crate::fingerprint;
use crate::job::{Answer, Job, Task};
use crate::judge::Engine;
use crate::ledger::{self, Expected, FileError, Ledger, Selection};
use crate::plain;
use crate::scenario::catalogue;
use crate::subject::Subject;

/// The variable that names a folder for ledgers.
pub(super) const LEDGER_VARIABLE: &str = "CANCELPROOF_LEDGER";

/// What the tests of this process have found.
static NOTES: Mutex<Notes> = Mutex::new(Notes { judged: Vec::new(), found: Vec::new() });

struct Notes {
    judged: Vec<(Job, Answer, Expected)>,
    found: Vec<(String, Engine, Counterexample)>,
}

/// Why a ledger was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum EvidenceError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("cannot start a worker process: {0}")]
    NoWorker(#[from] io::Error),
}

/// Takes down what came of a job.
pub(super) fn note(job: &Job, answer: &Answer, expected: Expected) {
    if is_wanted() {
        notes(|notes| notes.judged.push((job.clone(), answer.clone(), expected)));
    }
}

/// Takes down a failure that nobody expected.
pub(super) fn note_finding(scenario: &str, engine: Engine, found: &Counterexample) {
    if is_wanted() {
        notes(|notes| notes.found.push((scenario.to_owned(), engine, found.clone())));
    }
}

fn notes<T>(use_them: impl FnOnce(&mut Notes) -> T) -> T {
    use_them(&mut NOTES.lock().unwrap_or_else(PoisonError::into_inner))
}

fn is_wanted() -> bool {
    std::env::var_os(LEDGER_VARIABLE).is_some()
}

/// Where the ledger of this run goes, and what was there before.
pub(super) struct Evidence {
    path: PathBuf,
    last: Option<Ledger>,
    is_whole: bool,
}

/// What became of a ledger.
pub(super) enum Kept {
    /// It is there.
    At(PathBuf),
    /// Judgements have disappeared from it, so it is not where the last one is, which stays.
    Beside {
        /// The last one.
        last: PathBuf,
        /// Where it is.
        rejected: PathBuf,
        /// What has disappeared.
        disappeared: Vec<String>,
    },
}

impl Evidence {
    /// Finds out before the tests where their evidence goes, if anybody wants it.
    pub(super) fn prepare(
        subject: &dyn Subject,
        arguments: &Arguments,
    ) -> Result<Option<Self>, EvidenceError> {
        let Some(folder) = std::env::var_os(LEDGER_VARIABLE).filter(|_| !arguments.list) else {
            return Ok(None);
        };
        let part = part(arguments);
        let name = match &part {
            None => format!("{}.json", plain::file_name(subject.name())),
            Some(part) => format!("{}.json", plain::file_name(&format!("{}.{part}", subject.name()))),
        };
        let path = Path::new(&folder).join(name);
        let last = ledger::read(&path)?;
        Ok(Some(Evidence { path, last, is_whole: part.is_none() }))
    }

    /// Writes what the tests have found.
    pub(super) fn keep(self, subject: &'static dyn Subject) -> Result<Kept, EvidenceError> {
        let mut now = Ledger::new(Selection::default());
        now.suite = fingerprint::suite(&fingerprint::roots());
        let (mut judged, mut found) =
            notes(|notes| (std::mem::take(&mut notes.judged), std::mem::take(&mut notes.found)));
        // Tests run beside each other, and two runs should write the same.
        judged.sort_by_cached_key(|(job, ..)| (place(&job.task), own_program(&job.task), job.engine));
        found.sort_by_cached_key(|(scenario, engine, _)| (place_of(scenario), scenario.clone(), *engine));
        for (job, answer, expected) in &judged {
            now.add(job, Some(answer), *expected);
        }
        let prints = audit::fingerprints(&[subject], NonZero::<usize>::MIN)?;
        audit::add_requests(&mut now, &[subject], prints);
        for (scenario, engine, counterexample) in &found {
            now.add_finding(scenario, *engine, counterexample);
        }
        let last = self.last.as_ref().filter(|_| self.is_whole);
        let disappeared = last.map(|last| ledger::disappeared(last, &now)).unwrap_or_default();
        if disappeared.is_empty() {
            ledger::write(&self.path, &now)?;
            return Ok(Kept::At(self.path));
        }
        let rejected = self.path.with_extension("rejected.json");
        ledger::write(&rejected, &now)?;
        Ok(Kept::Beside { last: self.path, rejected, disappeared })
    }
}

/// By which part of the tests a run was restricted to, as a part of a file's name; `None` if it runs all that are run by
/// default.
fn part(arguments: &Arguments) -> Option<String> {
    let without = arguments.skip.iter().map(|skipped| format!("without-{skipped}"));
    let ignored = arguments.ignored.then(|| "ignored".to_owned());
    let parts: Vec<String> = arguments.filter.iter().cloned().chain(without).chain(ignored).collect();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let plain = |letter: char| if is_plain(letter) { letter } else { '-' };
    (!parts.is_empty()).then(|| parts.join(".").chars().map(plain).collect())
}

/// Canaries come first, then scenarios as the catalogue has them.
fn place(task: &Task) -> usize {
    match task {
        Task::Scenario { scenario, .. } => 1 + place_of(scenario),
        _ => 0,
    }
}

/// The text of a program of the author's own.
fn own_program(task: &Task) -> String {
    match task {
        Task::Program { program, .. } => program.clone(),
        _ => String::new(),
    }
}

fn place_of(name: &str) -> usize {
    catalogue::all().iter().position(|scenario| scenario.name == name).unwrap_or_default()
}
