//! The hunt as its user sees it: it finds, keeps, stops by itself, and loses nothing however it is ended.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use cancelproof::counterexample::{Replayed, Token, replay};
use cancelproof::exploration::{Failure, FailureKind};
use cancelproof::history::Outcome;
use cancelproof::hunt::{Found, Log};
use cancelproof::job::{Answer, Job, Task};
use cancelproof::judge::Engine;
use cancelproof::model::Rule;
use cancelproof::registry;
use cancelproof::rules::Violation;
use tempfile::TempDir;

/// Requests in which there is something to find, soon or less soon.
const FAULTS: [&str; 4] = [
    "locked-fires-twice",
    "word-claims-relaxed",
    "exchange-looks-before-publishing",
    "locked-loses-early-cancel",
];

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Place { folder: tempfile::tempdir().expect("there is room for a folder") };
        fs::create_dir(place.temporary()).expect("the folder is writable");
        place
    }

    fn hunt(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cancelproof"));
        command.arg("hunt").args(arguments).current_dir(self.folder.path()).env("TMPDIR", self.temporary());
        command
    }

    /// The folder for files that nobody needs afterwards.
    fn temporary(&self) -> PathBuf {
        self.folder.path().join("temporary")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("target/cancelproof/hunt/hunt.jsonl")
    }

    fn kept(&self) -> String {
        fs::read_to_string(self.folder.path().join("proptest-regressions/kept-failures.txt"))
            .unwrap_or_default()
    }

    fn found(&self) -> Vec<Found> {
        Log::open(&self.log(), true).expect("the log is whole but for its end").1.found
    }
}

fn of_faults() -> Vec<&'static str> {
    FAULTS.iter().flat_map(|name| ["--request", *name]).collect()
}

/// The tokens that were told.
fn tokens(output: &str) -> Vec<&str> {
    output.lines().filter_map(|line| line.trim().strip_prefix("replay: cancelproof replay ")).collect()
}

#[test]
fn a_hunt_finds_tells_keeps_and_stops_by_itself() {
    let place = Place::new();
    let output =
        place.hunt(&[&of_faults()[..], &["--time", "4s"]].concat()).output().expect("the program runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("exactly-once is broken"), "{printed}");
    assert!(printed.contains("locked-fires-twice breaks exactly-once"), "{printed}");
    let found = place.found();
    assert_eq!(tokens(&printed).len(), found.len(), "{printed}");
    for found in &found {
        assert!(place.kept().contains(&found.token), "{} was not kept", found.request);
    }
    // It goes on where it was, and what is known is not told again.
    let output = place.hunt(&["--resume", "--time", "1s"]).output().expect("the program runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!printed.contains("locked-fires-twice in mark"), "{printed}");
    assert_eq!(output.status.code(), Some(1), "{printed}");
}

#[test]
fn nothing_is_found_in_a_request_that_is_right_and_that_is_no_proof() {
    let place = Place::new();
    let output = place.hunt(&["--request", "word", "--time", "2s"]).output().expect("the program runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.starts_with("nothing was found, which proves nothing\n"), "{printed}");
    assert_eq!(place.kept(), "");
}

/// As `hunt | head` is: the first thing that cannot be told ends the hunt, and is kept.
#[test]
fn a_hunt_that_nobody_reads_keeps_what_it_has_found_and_ends_as_if_it_were_interrupted() {
    let place = Place::new();
    let (read, write) = std::io::pipe().expect("the system has pipes");
    drop(read);
    let mut hunt = place.hunt(&[&of_faults()[..], &["--time", "10m"]].concat());
    let status = hunt.stdout(write).stderr(Stdio::null()).status().expect("the program runs");
    assert_eq!(status.code(), Some(1));
    let found = place.found();
    assert!(!found.is_empty());
    for found in &found {
        assert!(place.kept().contains(&found.token), "{} was not kept", found.request);
    }
}

#[test]
fn a_damaged_log_and_a_resume_without_one_are_told_in_one_line() {
    let place = Place::new();
    let refused = |arguments: &[&str], reason: &str| {
        let output = place.hunt(arguments).output().expect("the program runs");
        let line = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(line.lines().count() == 1 && line.contains(reason), "{line}");
    };
    refused(&["--resume"], "there is no hunt to resume");
    refused(&["--request", "wort"], "did you mean \"word\"");
    fs::write(place.log(), "{\"Begun\":{\"layout\":9,\"seed\":1,\"requests\":[]}}\n")
        .expect("the folder is writable");
    refused(&["--resume"], "newer version");
    fs::write(place.log(), "nonsense\n").expect("the folder is writable");
    refused(&["--resume"], "hunt.jsonl:1: ");
    assert_eq!(fs::read_to_string(place.log()).expect("it is still there"), "nonsense\n");
}

/// What real threads did cannot be run again: an interleaving is found that gives every thread the same answers.
#[test]
fn what_was_seen_on_real_threads_is_explained_by_an_interleaving_with_the_same_answers() {
    let seen = "mark=marked, [], cancel=claimed | [], cancel=claimed ; 2 callbacks";
    let program = "mark cancel | cancel ; callback returns";
    let violation = Violation { rule: Rule::ExactlyOnce, explanation: "it was called twice".to_owned() };
    let kind = FailureKind::Panic { message: "rule broken".to_owned() };
    let failure = Failure { kind, execution: 1, decisions: Vec::new() };
    let explained = |request: &str, outcome: &str| {
        let task = Task::Explain {
            request: request.to_owned(),
            scenario: None,
            program: program.to_owned(),
            violation: violation.clone(),
            failure: failure.clone(),
            outcome: Some(Outcome::from_text(outcome)),
        };
        let job = Job {
            task,
            engine: Engine::Threads,
            seed: 1,
            samples: 50,
            milliseconds: Some(500),
            executions: None,
        };
        match job.run(registry::subject) {
            Answer::Explained { token, is_exact, .. } => (token, is_exact),
            other => panic!("{other:?}"),
        }
    };
    let (token, is_exact) = explained("locked-fires-twice", seen);
    assert!(is_exact, "these are the answers of the double fire");
    fails_again(&token);
    // Answers that no interleaving gives are not explained, and another execution that breaks the rule is not taken
    // for them.
    let (token, is_exact) = explained("locked-fires-twice", "mark=marked ; 9 callbacks");
    assert!(!is_exact);
    fails_again(&token);
}

/// Twenty times a hunt is killed at a random instant and resumed: all that any of them told is still there and fails
/// again.
#[test]
fn however_often_a_hunt_is_killed_nothing_that_it_told_is_lost() {
    let place = Place::new();
    let mut told = String::new();
    for kill in 0..20_u64 {
        let how = if kill == 0 { of_faults() } else { vec!["--resume"] };
        let output = place.folder.path().join(format!("output-{kill}"));
        let file = fs::File::create(&output).expect("the folder is writable");
        let mut child = place
            .hunt(&[&how[..], &["--time", "60s"]].concat())
            .stdout(file)
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        // Instants that are as good as random, and the same in every run; the first leaves time to begin.
        let random = (kill + 1).wrapping_mul(6_364_136_223_846_793_005) >> 33;
        std::thread::sleep(Duration::from_millis(if kill == 0 { 900 } else { 40 + random % 560 }));
        child.kill().expect("it is still running");
        child.wait().expect("it was killed");
        told += &fs::read_to_string(&output).expect("it was written");
    }
    let told = tokens(&told);
    let found = place.found();
    assert!(!told.is_empty() && !found.is_empty(), "{told:?}");
    for token in told {
        assert!(found.iter().any(|found| found.token == token), "{token} is not in the log");
        assert!(place.kept().contains(token), "{token} is not kept");
        fails_again(token);
    }
    assert!(is_gone(place.folder.path()), "no worker outlives its hunt");
    let left = fs::read_dir(place.temporary()).expect("the folder was made").count();
    assert_eq!(left, 0, "nothing temporary outlives it either");
}

fn fails_again(token: &str) {
    let token: Token = token.parse().expect("it was told");
    let subject = registry::subject(&token.request).expect("it is registered");
    assert!(matches!(replay(subject, &token), Replayed::Fails(_)), "{token}");
}

/// Whether no process works in a folder any more.
fn is_gone(folder: &Path) -> bool {
    let works_there = || {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| fs::read_link(entry.path().join("cwd")).ok()).any(|cwd| cwd == folder)
    };
    (0..50).any(|_| {
        let is_there = works_there();
        if is_there {
            std::thread::sleep(Duration::from_millis(100));
        }
        !is_there
    })
}
