//! Tests that were built, one process for each.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::build::Build;
use super::outcome::{Outcome, Said};
use super::{AdoptError, Judge};

/// One test of a program that was built.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) name: String,
    /// The place of its program.
    program: usize,
}

/// How often a test is looked at while it runs.
const LOOK: Duration = Duration::from_millis(5);
/// What a test takes besides exploring: its start, and the making of a counterexample.
const BESIDE: Duration = Duration::from_secs(5);
/// The executions after which loom says how many it had.
const LOOM_TELLS: &str = "500";

impl Build {
    /// The tests that are to be run: with this in their names or, unless it is said, with `loom` if some have that.
    pub(crate) fn tests(&self, only: Option<&str>) -> Result<Vec<Test>, AdoptError> {
        let mut tests = Vec::new();
        for (place, program) in self.programs.iter().enumerate() {
            let output = Command::new(program)
                .args(["--list", "--format", "terse"])
                .current_dir(&self.root)
                .output()?;
            let listed = String::from_utf8_lossy(&output.stdout).into_owned();
            let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
            tests.extend(names.map(|name| Test { name: name.to_owned(), program: place }));
        }
        let is_usual = tests.iter().any(|test| test.name.contains("loom"));
        if let Some(part) = only.or(is_usual.then_some("loom")) {
            tests.retain(|test| test.name.contains(part));
        }
        Ok(tests)
    }

    /// Runs a test; none if it is ignored, or cannot be started.
    pub(crate) fn run(&self, test: &Test, judge: Judge, time: Duration) -> Option<Outcome> {
        let program: &PathBuf = self.programs.get(test.program)?;
        let said = listen(&mut command(program, &self.root, test, judge, time), time + margin(judge)).ok()?;
        if said.text.contains("0 passed; 0 failed; 1 ignored") {
            return None;
        }
        Some(if judge == Judge::Loom { Outcome::of_loom(&said) } else { Outcome::of_facade(&said) })
    }
}

fn margin(judge: Judge) -> Duration {
    if judge == Judge::Loom { Duration::ZERO } else { BESIDE }
}

fn command(program: &Path, root: &Path, test: &Test, judge: Judge, time: Duration) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--exact", &test.name, "--nocapture", "--test-threads", "1"])
        .current_dir(root)
        .env("CARGO_MANIFEST_DIR", root)
        .env("RUST_BACKTRACE", "0")
        .env_remove("CANCELPROOF_REPLAY");
    if judge == Judge::Loom {
        // Its counts are there for those who ask for its log; what it would stop at by itself it would not tell from an end.
        command.env("LOOM_LOG", "loom::model=info").env("LOOM_CHECKPOINT_INTERVAL", LOOM_TELLS);
    } else {
        command.env("CANCELPROOF_ENGINE", judge.name()).env("CANCELPROOF_TIME", time.as_secs().to_string());
    }
    command
}

/// Lets a process run for so long, and keeps what it prints.
fn listen(command: &mut Command, limit: Duration) -> std::io::Result<Said> {
    let begin = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let out = child.stdout.take().map(reading);
    let err = child.stderr.take().map(reading);
    let passed = end(&mut child, begin, limit)?;
    let time = begin.elapsed();
    let read = |reader: Option<thread::JoinHandle<String>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    Ok(Said { text: read(out) + &read(err), passed, time })
}

fn end(child: &mut Child, begin: Instant, limit: Duration) -> std::io::Result<Option<bool>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if begin.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

fn reading(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read until an error is what there is.
        let _ = from.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
