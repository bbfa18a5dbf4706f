//! Reports made from kept result files, without running anything again.
//!
//! | format | for |
//! |---|---|
//! | `junit` | test runners of continuous integration |
//! | `sarif` | code scanning, and editors that step through an interleaving |
//! | `github` | annotations beside the lines of a change |
//! | `markdown` | the summary of a job |
//! | `html` | people: one page that needs no network, with the films beside it |
//!
//! None holds a time, so that two runs with the same seed make the same reports.

mod github;
mod html;
mod junit;
mod markdown;
mod sarif;
mod tables;

use std::path::{Path, PathBuf};

use crate::ledger::{self, FileError, Finding, Ledger, Record};
use crate::trace::table::{Look, render};
use crate::trace::{Place, Trace};

pub use github::github;
pub use html::{Page, html};
pub use junit::junit;
pub use markdown::markdown;
pub use sarif::sarif;
pub use tables::{Section, Tables};

/// The names of the result files in a folder.
pub const LEDGER_FILE: &str = "ledger.json";
/// What `cancelproof mutate` keeps.
pub const MUTANTS_FILE: &str = "mutants.json";
/// What `cancelproof orderings` keeps.
pub const ORDERINGS_FILE: &str = "orderings.json";

/// The result files that a report is made from.
#[derive(Clone, Debug)]
pub struct Results {
    /// What a gate found.
    pub ledger: Ledger,
    /// Which changes of a request were noticed, if somebody has asked.
    pub mutants: Option<Tables>,
    /// Which orderings are needed, if somebody has asked.
    pub orderings: Option<Tables>,
}

impl Results {
    /// Reads several ledgers, as [`Results::read`] does each, and puts them together.
    ///
    /// # Errors
    ///
    /// As for [`Results::read`].
    pub fn read_all(from: &[PathBuf]) -> Result<Self, FileError> {
        let mut all: Option<Results> = None;
        for path in from {
            let results = Results::read(path)?;
            match &mut all {
                None => all = Some(results),
                Some(all) => {
                    all.ledger.absorb(&results.ledger);
                    all.mutants = all.mutants.take().or(results.mutants);
                    all.orderings = all.orderings.take().or(results.orderings);
                }
            }
        }
        all.map_or_else(|| Results::read(Path::new(".")), Ok)
    }

    /// Reads a ledger, or the one in a folder, and what lies beside it.
    ///
    /// # Errors
    ///
    /// Refuses files that cannot be read, are damaged, or were written by a later version.
    pub fn read(from: &Path) -> Result<Self, FileError> {
        let path = if from.is_dir() { from.join(LEDGER_FILE) } else { from.to_owned() };
        let missing = || FileError::Missing { path: path.clone() };
        let ledger = ledger::read(&path)?.ok_or_else(missing)?;
        let beside = |name: &str| -> PathBuf { path.with_file_name(name) };
        Ok(Results {
            ledger,
            mutants: Tables::read(&beside(MUTANTS_FILE))?,
            orderings: Tables::read(&beside(ORDERINGS_FILE))?,
        })
    }
}

/// The words of a verdict that are shown: the word itself, with the rule where one was broken.
fn verdict(record: &Record) -> String {
    match &record.verdict.rule {
        Some(rule) => format!("{} {rule}", record.verdict.word),
        None => record.verdict.word.clone(),
    }
}

/// Everything that there is to say about a judgement that is not as it should be.
fn trouble(record: &Record) -> String {
    let mut text = verdict(record);
    if let Some(detail) = &record.verdict.detail {
        text = format!("{text}: {detail}");
    }
    if let Some(expected) = &record.expected {
        text = format!("{text} (expected refuted {expected})");
    }
    text
}

/// The finding that shows a refutation, if it was made small.
fn finding<'a>(ledger: &'a Ledger, record: &Record) -> Option<&'a Finding> {
    let is_it = |finding: &&Finding| {
        let header = &finding.trace.header;
        let broken = header.broken.as_ref().map(|broken| &broken.rule);
        header.request == record.request && broken == record.verdict.rule.as_ref()
    };
    record.verdict.rule.as_ref()?;
    ledger.findings.iter().filter(is_it).max_by_key(|finding| {
        (record.scenario.as_ref() == Some(&finding.scenario), finding.engine == record.engine)
    })
}

/// A counterexample as the terminal shows it, without colour.
fn table(trace: &Trace) -> String {
    render(trace, &Look::plain())
}

/// The line that breaks the rule, or the nearest before it that is known.
fn place(trace: &Trace) -> Option<&Place> {
    let last = trace.violation.unwrap_or_else(|| trace.steps.len().saturating_sub(1));
    let telling = trace.why.as_ref().and_then(|why| why.places.first());
    let mut before = trace.steps.iter().take(last + 1).rev().filter(|step| !is_of_harness(trace, step));
    before.find_map(|step| step.place.as_ref()).or(telling)
}

fn is_of_harness(trace: &Trace, step: &crate::trace::Step) -> bool {
    match &step.what {
        crate::trace::What::Operation(access) => access
            .object
            .and_then(|object| trace.objects.get(object))
            .is_some_and(|object| object.is_of_harness),
        _ => false,
    }
}

/// A path as a reader on another machine finds it: relative to the folder in which the work was done.
fn relative(file: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = Path::new(file);
    let relative = here.ancestors().take(2).find_map(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    relative.to_string_lossy().replace('\\', "/")
}
