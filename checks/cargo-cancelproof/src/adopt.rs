//! `adopt`: the loom tests of a published crate, source and tests unedited, under the engines of cancelproof.
//!
//! cargo fetches the crate; a copy of it lies below `target/adopt`, with a manifest that asks for the facade where the
//! published one asks for loom. The `--cfg` by which the crate asks for loom reaches that crate alone, and the crates below it
//! that know loom too (`wrapper.rs`): given to a whole build it would reach crates that take it for something of their own. A
//! crate that knows no loom is adopted with a test of the caller's: the paths of what it takes from the standard library are
//! exchanged, and no line moves (`redirect.rs`).
//!
//! Each test is a process of its own for each engine, so that one that is stopped takes no other with it, and so that an engine has
//! a time of its own.

mod build;
mod cfgs;
mod manifest;
mod outcome;
mod package;
mod redirect;
mod running;
mod scoreboard;
mod table;
pub(crate) mod wrapper;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use build::{Build, Loom};
use outcome::{Outcome, Verdict};
use package::Package;

/// An execution failed.
const REFUTED: u8 = 1;
/// Nothing failed, and not everything was explored or seen.
const BOUNDED: u8 = 3;
/// The crate cannot be fetched, or does not compile beside the facade.
const NOT_BUILT: u8 = 4;

/// What is adopted, and how far it is explored.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Adopt {
    /// The crate and its exact version
    #[arg(value_name = "CRATE@VERSION", required_unless_present = "scoreboard")]
    of: Option<String>,
    /// A test target of the crate by name, or a file with tests of your own [default: the targets with loom in their names, or the
    /// crate's unit tests]
    #[arg(long, value_name = "NAME|FILE")]
    test: Option<String>,
    /// Only tests with this in their names [default: `loom`, if a unit test has it in its name]
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Features of the crate, with commas between them; `loom` is added where there is one
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    features: Vec<String>,
    /// The `--cfg` by which the crate asks for loom [default: the one that its manifest names]
    #[arg(long, value_name = "CFG")]
    cfg: Option<String>,
    /// Seconds for each test and engine
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    time: u64,
    /// Run the tests under loom as it is published as well, and compare
    #[arg(long)]
    compare: bool,
    /// Do so for each crate of a list, `CRATE@VERSION [options]` a line, and write the page
    #[arg(long, value_name = "LIST", conflicts_with = "of", requires = "page")]
    scoreboard: Option<PathBuf>,
    /// The page of a scoreboard
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Every so-manieth test of a scoreboard
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    every: usize,
    /// The folder of the crate `cancelproof`, in which the facade lies [default: the one this program was built from]
    #[arg(long, value_name = "FOLDER")]
    cancelproof: Option<PathBuf>,
    /// Where sources are copied to and built
    #[arg(long, value_name = "FOLDER", default_value = "target/adopt")]
    folder: PathBuf,
}

/// Why nothing was adopted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdoptError {
    #[error("{0:?} is no crate with its version, such as bytes@1.12.2")]
    Name(String),
    #[error("there is no facade in {}; say with --cancelproof where the folder `checks` of the repository is", .0.display())]
    NoFacade(PathBuf),
    #[error("{name} knows no loom: say with --test FILE what is to be tested")]
    KnowsNoLoom { name: String },
    #[error("{name} has no test target {asked}, and there is no such file")]
    NoTest { name: String, asked: String },
    #[error("{name}: none of its tests is to be run{}", only.as_ref().map_or(String::new(), |only| format!(" that has `{only}` in its name")))]
    NothingToRun { name: String, only: Option<String> },
    #[error("{file}, line {line}: {words}")]
    List { file: String, line: usize, words: String },
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("{name} cannot be fetched: {words}")]
    Fetch { name: String, words: String },
    #[error("{name} does not compile{}:\n{words}", match .loom { Loom::Facade => " beside the facade", Loom::Published => " with loom" })]
    Build { name: String, loom: Loom, words: String },
}

impl AdoptError {
    /// How the program ends.
    pub(crate) fn code(&self) -> u8 {
        match self {
            AdoptError::Fetch { .. } | AdoptError::Build { .. } => NOT_BUILT,
            _ => crate::WRONG_INPUT,
        }
    }
}

/// Who runs a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judge {
    Loom,
    Dpor,
    Rc11,
}

impl Judge {
    fn name(self) -> &'static str {
        match self {
            Judge::Loom => "loom",
            Judge::Dpor => "dpor",
            Judge::Rc11 => "rc11",
        }
    }
}

/// Adopts one crate, or each of a list.
pub(crate) fn run(adopt: &Adopt) -> Result<ExitCode, AdoptError> {
    if let Some(list) = &adopt.scoreboard {
        return scoreboard::run(adopt, list);
    }
    let adopted = adopted(adopt)?;
    print!("{}", table::terminal(&adopted));
    Ok(ExitCode::from(code(std::slice::from_ref(&adopted))))
}

/// What came of a crate.
struct Adopted {
    package: Package,
    rows: Vec<Row>,
    /// Crates whose atomics, locks and threads no engine sees, and places of the crate itself that were not redirected.
    unseen: Vec<String>,
}

/// A test, and what each engine came to.
struct Row {
    test: String,
    outcomes: Vec<(Judge, Outcome)>,
}

fn code(adopted: &[Adopted]) -> u8 {
    let ours = || adopted.iter().flat_map(|adopted| &adopted.rows).flat_map(|row| &row.outcomes);
    let ours = || ours().filter(|(judge, _)| *judge != Judge::Loom).map(|(_, outcome)| &outcome.verdict);
    if ours().any(Verdict::is_refuted) {
        REFUTED
    } else if ours().any(|verdict| !verdict.is_whole()) || adopted.iter().any(|one| !one.unseen.is_empty()) {
        BOUNDED
    } else {
        0
    }
}

/// Fetches, builds and runs.
fn adopted(adopt: &Adopt) -> Result<Adopted, AdoptError> {
    let of = adopt.of.as_deref().unwrap_or_default();
    let (name, version) = of
        .split_once('@')
        .filter(|(name, version)| {
            !name.is_empty() && version.starts_with(|first: char| first.is_ascii_digit())
        })
        .ok_or_else(|| AdoptError::Name(of.to_owned()))?;
    let checks = facade(adopt)?;
    std::fs::create_dir_all(&adopt.folder)?;
    let folder = adopt.folder.canonicalize()?;
    let package = Package::fetch(&folder, name, version)?;
    let ours = Build::prepare(adopt, &package, &folder, &checks, Loom::Facade)?;
    let loom = adopt
        .compare
        .then(|| Build::prepare(adopt, &package, &folder, &checks, Loom::Published))
        .transpose()?;
    let tests = ours.tests(adopt.only.as_deref())?;
    if tests.is_empty() {
        return Err(AdoptError::NothingToRun { name: package.to_string(), only: adopt.only.clone() });
    }
    let time = Duration::from_secs(adopt.time);
    let mut rows = Vec::new();
    for test in tests.iter().step_by(adopt.every.max(1)) {
        let run = |build: &Build, judge| build.run(test, judge, time);
        let mut outcomes = Vec::new();
        if let Some(outcome) = loom.as_ref().and_then(|build| run(build, Judge::Loom)) {
            outcomes.push((Judge::Loom, outcome));
        }
        for judge in [Judge::Dpor, Judge::Rc11] {
            outcomes.extend(run(&ours, judge).map(|outcome| (judge, outcome)));
        }
        let row = Row { test: test.name.clone(), outcomes };
        eprintln!("{}", table::line(&row));
        rows.push(row);
    }
    rows.retain(|row| row.outcomes.iter().any(|(_, outcome)| outcome.verdict != Verdict::NoModel));
    Ok(Adopted { unseen: ours.unseen(), package, rows })
}

fn facade(adopt: &Adopt) -> Result<PathBuf, AdoptError> {
    let built_from = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let checks = adopt.cancelproof.clone().unwrap_or_else(built_from);
    let is_there = checks.join("loom/Cargo.toml").is_file() && checks.join("engines/Cargo.toml").is_file();
    if is_there { Ok(checks.canonicalize()?) } else { Err(AdoptError::NoFacade(checks)) }
}
