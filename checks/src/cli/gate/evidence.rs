//! The ledger of a gate: what it is compared with before it is kept.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::plan::Plan;
use super::{Answers, NamedFinding};
use crate::audit::{self, Fingerprints};
use crate::cli::UsageError;
use crate::cli::arguments::Gate;
use crate::cli::kept::Kept;
use crate::fingerprint;
use crate::ledger::{self, FileError, Ledger, MutantsRecord, Selection};
use crate::registry;
use crate::report::{MUTANTS_FILE, Section, Tables};
use crate::subject::Subject;
use crate::system::{self, registry::REFERENCE};
use crate::workers;

/// Where the ledger of a whole gate is kept, and that of one that was restricted.
const WHOLE: &str = "target/cancelproof/ledger.json";
const SELECTION: &str = "target/cancelproof/ledger-selection.json";

/// Where the evidence of this gate goes, and what was there before.
pub(super) struct Evidence {
    path: PathBuf,
    last: Option<Ledger>,
    selection: Selection,
    fingerprints: Fingerprints,
}

impl Evidence {
    /// Finds out before the work whether the evidence can be kept after it.
    pub(super) fn prepare(arguments: &Gate) -> Result<Self, UsageError> {
        let selection = Selection {
            requests: arguments.request.clone(),
            scenarios: arguments.scenario.clone(),
            engines: arguments.engine.clone(),
        };
        let usual = if selection.is_everything() { WHOLE } else { SELECTION };
        let path = arguments.ledger.clone().unwrap_or_else(|| PathBuf::from(usual));
        let last = ledger::read(&path)?;
        make_writable(&path)?;
        Ok(Evidence { path, last, selection, fingerprints: Fingerprints::new() })
    }

    /// Where the ledger goes.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The requests whose behaviour is not the one in the last ledger, or which were not as they should be there, or of
    /// which a failure is kept that was not judged for it; or why all of them are judged.
    pub(super) fn changed(
        &mut self,
        arguments: &Gate,
        kept: &[Kept],
    ) -> Result<Result<Vec<String>, String>, UsageError> {
        let suite = fingerprint::suite(&fingerprint::roots());
        let Some(last) = &self.last else {
            return Ok(Err(format!("there is no {}", self.path.display())));
        };
        if last.version != env!("CARGO_PKG_VERSION") || last.suite != suite {
            return Ok(Err("the suite itself has changed".to_owned()));
        }
        let subjects: Vec<&'static dyn Subject> = registry::names()
            .into_iter()
            .filter(|name| {
                arguments.request.is_empty() || arguments.request.iter().any(|known| known == name)
            })
            .filter_map(registry::subject)
            .collect();
        self.fingerprints = fingerprints(&subjects, arguments)?;
        let is_unchanged = |name: &str| {
            let known = last.requests.iter().find(|known| known.name == name);
            let behaviour = known.and_then(|known| known.fingerprint.as_ref()?.behaviour.as_ref());
            let now = self.fingerprints.get(name).and_then(|now| now.as_ref().ok()?.behaviour.as_ref());
            let mut results = last.results.iter().filter(|result| result.request == name);
            let is_judged = |kept: &Kept| {
                let program = kept.program.to_string();
                let is_it = |result: &ledger::Record| {
                    result.request == kept.request
                        && result.scenario.is_none()
                        && result.program == program
                        && result.engine == kept.engine.name()
                };
                last.results.iter().any(is_it)
            };
            behaviour.is_some()
                && behaviour == now
                && results.all(ledger::Record::is_as_expected)
                && kept.iter().filter(|kept| kept.request == name).all(is_judged)
        };
        let names = subjects.iter().map(|subject| subject.name()).filter(|name| !is_unchanged(name));
        Ok(Ok(names.chain(changed_systems(arguments, last)).map(str::to_owned).collect()))
    }

    /// Finds out what each request is that is judged.
    pub(super) fn identify(&mut self, plan: &Plan, arguments: &Gate) -> Result<(), UsageError> {
        let names: BTreeSet<&str> =
            plan.jobs.iter().filter_map(|job| job.task.judged()).map(|(request, _)| request).collect();
        let unknown = |name: &&str| !self.fingerprints.contains_key(*name);
        let subjects: Vec<&'static dyn Subject> =
            names.into_iter().filter(unknown).filter_map(registry::subject).collect();
        self.fingerprints.extend(fingerprints(&subjects, arguments)?);
        Ok(())
    }

    /// Writes the ledger, unless a judgement has disappeared that nobody said may; then it is written beside the last
    /// one, which stays. Returns what has disappeared.
    pub(super) fn keep(
        mut self,
        plan: &Plan,
        answers: &Answers,
        findings: &[NamedFinding],
        arguments: &Gate,
    ) -> Result<Vec<String>, UsageError> {
        let mut now = Ledger::new(std::mem::take(&mut self.selection));
        now.suite = fingerprint::suite(&fingerprint::roots());
        for (number, job) in plan.jobs.iter().enumerate() {
            now.add(job, answers[number].as_ref(), plan.expectations[number].into());
        }
        self.add_requests(&mut now);
        for (scenario, engine, found) in findings {
            now.add_finding(scenario, *engine, found);
        }
        // A damaged file beside the ledger is refused where somebody wants a report of it.
        let mutants = Tables::read(&self.path.with_file_name(MUTANTS_FILE)).ok().flatten();
        now.mutants =
            mutants.map(|tables| tables.sections).unwrap_or_default().into_iter().map(mutants_of).collect();
        if arguments.changed
            && let Some(last) = &self.last
        {
            now.carry_over(last);
        }
        let disappeared = self.last.as_ref().map(|last| ledger::disappeared(last, &now)).unwrap_or_default();
        if disappeared.is_empty() || arguments.accept_removals {
            ledger::write(&self.path, &now)?;
            return Ok(Vec::new());
        }
        ledger::write(&self.path.with_extension("rejected.json"), &now)?;
        Ok(disappeared)
    }

    fn add_requests(&mut self, now: &mut Ledger) {
        let names: BTreeSet<String> = now.results.iter().map(|result| result.request.clone()).collect();
        let subjects: Vec<_> = names.iter().filter_map(|name| registry::subject(name)).collect();
        audit::add_requests(now, &subjects, std::mem::take(&mut self.fingerprints));
    }
}

fn fingerprints(subjects: &[&'static dyn Subject], arguments: &Gate) -> Result<Fingerprints, UsageError> {
    let workers = arguments.workers.unwrap_or_else(workers::count_by_default);
    audit::fingerprints(subjects, workers).map_err(UsageError::NoWorker)
}

/// The systems that are judged also when no request has changed. The system as it should be is part of the suite, whose
/// source was compared; so it is judged again only if something was wrong with it. Nothing is known of its faults.
fn changed_systems(arguments: &Gate, last: &Ledger) -> impl Iterator<Item = &'static str> {
    let is_named = |name: &str| arguments.request.iter().any(|known| known == name);
    let of_the_system = last.results.iter().filter(|result| result.is_of_the_system());
    let is_wrong = !of_the_system.into_iter().all(ledger::Record::is_as_expected);
    let is_judged = move |name: &&'static str| {
        if *name == REFERENCE.name {
            is_wrong && (arguments.request.is_empty() || is_named(name))
        } else {
            is_named(name)
        }
    };
    system::registry::names().filter(is_judged)
}

fn mutants_of(section: Section) -> MutantsRecord {
    MutantsRecord { family: section.title, sentence: section.sentence }
}

/// Says what has disappeared, and how to accept that.
pub(super) fn write_disappeared(out: &mut impl Write, disappeared: &[String]) -> io::Result<()> {
    for title in disappeared {
        writeln!(out, "\n{title}\n  was judged in the last ledger and is not judged any more")?;
    }
    let number = disappeared.len();
    writeln!(
        out,
        "\n{number} {} disappeared; if that is meant, accept it with --accept-removals",
        if number == 1 { "judgement has" } else { "judgements have" }
    )
}

/// Finds out whether the folder of a file can be written.
fn make_writable(path: &Path) -> Result<(), UsageError> {
    let unwritable = |error| FileError::Unwritable { path: path.to_owned(), error };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = folder.join(format!(".cancelproof-probe-{}", std::process::id()));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&probe, b""))
        .and_then(|()| fs::remove_file(&probe))
        .map_err(unwritable)?;
    Ok(())
}
