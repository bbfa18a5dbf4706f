//! Runs what published crates say of themselves in loom's words under the engines of cancelproof.
//!
//! Each crate is compiled as it is, from where cargo has unpacked it, beside the facade `loom` of this repository; so are
//! its tests. A package of a few lines is written for each below the target folder.
//!
//! ```sh
//! cargo run                          # every crate, and the page
//! cargo run -- --only oneshot        # one crate, and no page
//! cargo run -- --quarter             # every fourth test, and no page: for a gate
//! ```
//!
//! `CANCELPROOF_TIME` is the time in seconds for each engine and each model; ten if it is not set.

mod outcome;
mod package;
mod page;
mod suites;

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use outcome::Outcome;
use package::Sources;
use suites::{SUITES, Suite};

struct Arguments {
    only: Option<String>,
    quarter: bool,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut read = Arguments { only: None, quarter: false };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--only" => read.only = Some(given.next().ok_or("--only names a crate")?),
            "--quarter" => read.quarter = true,
            other => return Err(format!("{other} is not known; there are --only CRATE and --quarter").into()),
        }
    }
    Ok(read)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every test came out as [`Suite::refuted`] says.
fn run() -> Result<bool, Box<dyn Error>> {
    let arguments = arguments()?;
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let sources = Sources::find(&here)?;
    let folder = here.join("target/published");
    package::write_all(&folder, &here, &sources)?;
    let mut rows = Vec::new();
    let mut as_expected = true;
    for suite in SUITES {
        if arguments.only.as_ref().is_some_and(|only| only != suite.name) || suite.runs.is_empty() {
            continue;
        }
        let outcomes = run_suite(suite, &folder, arguments.quarter)?;
        as_expected &= outcomes.iter().all(|outcome| outcome.is_as_expected(suite));
        for outcome in &outcomes {
            println!("{} {}: {}", suite.name, outcome.test, outcome.in_words());
        }
        rows.push((suite, outcomes));
    }
    if arguments.only.is_none() && !arguments.quarter {
        std::fs::write(here.join("../../docs/published-crates.md"), page::page(&rows, &sources))?;
    }
    Ok(as_expected)
}

fn run_suite(suite: &Suite, folder: &std::path::Path, quarter: bool) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let mut tests = Vec::new();
    for run in suite.runs {
        let listed = cargo(suite, folder, run, &["--list"])?;
        let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        tests.extend(names.map(|name| (*run, name.to_owned())));
    }
    if tests.is_empty() {
        return Err(format!("{}: no test was built", suite.name).into());
    }
    tests.retain(|(_, test)| !suite.is_left_out(test));
    let every = if quarter { 4 } else { 1 };
    let mut outcomes = Vec::new();
    for (run, test) in tests.into_iter().step_by(every) {
        // One process for each test: one that is stopped takes no other with it.
        let said = cargo(suite, folder, run, &["--exact", &test, "--nocapture"])?;
        if said.contains("0 passed; 0 failed; 1 ignored") {
            continue;
        }
        outcomes.push(Outcome::read(&test, &said));
    }
    Ok(outcomes)
}

/// Calls cargo for tests of the suite, and returns all that was said.
fn cargo(
    suite: &Suite,
    folder: &std::path::Path,
    run: &str,
    rest: &[&str],
) -> Result<String, Box<dyn Error>> {
    let seconds = std::env::var("CANCELPROOF_TIME").unwrap_or_else(|_| "10".to_owned());
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["test", "--quiet", "--offline", "--package", suite.name])
        .args(run.split(' '))
        .arg("--")
        .args(rest)
        .env("CANCELPROOF_TIME", seconds)
        .env("RUST_BACKTRACE", "0")
        .current_dir(folder)
        .output()?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    if said.contains("could not compile") {
        return Err(format!("{} does not compile:\n{said}", suite.name).into());
    }
    Ok(said)
}
