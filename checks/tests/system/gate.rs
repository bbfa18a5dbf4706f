//! The gate judges the system, claims what was explored, and misses what is not judged any more.

use std::path::Path;
use std::process::{Command, Output};

use cancelproof::job::{Job, Task};
use cancelproof::judge::Engine;
use cancelproof::ledger::{self, Expected, Ledger, Selection};
use cancelproof::registry;
use cancelproof::system::catalogue;
use cancelproof::system::registry::REFERENCE;
use tempfile::TempDir;

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_cancelproof"))
        .args(arguments)
        .args((arguments.first() == Some(&"gate")).then_some("-v"))
        .current_dir(folder)
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout) + &text(&stderr))
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// A line of a table, word by word.
fn row(printed: &str, beginning: &str) -> String {
    let line = printed.lines().map(str::trim).find(|line| line.starts_with(beginning));
    line.unwrap_or_else(|| panic!("no {beginning} in\n{printed}"))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_gate_judges_the_whole_catalogue_of_systems_and_two_runs_write_the_same_bytes() {
    let folder = folder();
    let gate = |name: &str| {
        run(folder.path(), &["gate", "--request", "system", "--engine", "dpor", "--ledger", name])
    };
    let (code, printed) = gate("first.json");
    assert_eq!(code, Some(0), "{printed}");
    let sentence = "system: dpor proved 115 of 115 scenarios, every interleaving of up to 3 threads and 2 requests, \
                    with every allowed outcome and no other, and 2 of 2 that must hang do";
    assert!(printed.contains(sentence), "{printed}");
    assert_eq!(row(&printed, "purges"), "purges 17 proved 17 216");
    assert_eq!(row(&printed, "the dispatcher"), "the dispatcher 19 proved 17, hang 2 218");
    let first =
        ledger::read(&folder.path().join("first.json")).expect("it is sound").expect("it was written");
    assert_eq!(first.results.len(), catalogue::all().len());
    assert!(first.results.iter().all(ledger::Record::is_as_expected));
    assert_eq!(first.results.iter().map(|result| result.executions).sum::<u64>(), 16_111);
    assert_eq!(gate("second.json").0, Some(0));
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("it was written");
    assert_eq!(bytes("first.json"), bytes("second.json"));
    let (code, printed) = run(folder.path(), &["audit", "first.json"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("117 judgements of 0 requests and of the system found again"), "{printed}");
}

/// Time that runs out is no proof, and told as such by table, sentence and exit code.
#[test]
fn what_was_cut_short_is_not_claimed() {
    let folder = folder();
    let cut = ["gate", "--scenario", "sent-cancel-timer", "--engine", "dpor", "--time", "1ms"];
    let (code, printed) = run(folder.path(), &cut);
    assert_eq!(code, Some(5), "{printed}");
    assert!(printed.contains("system: dpor proved 0 of 1 scenarios, bounded 1\n"), "{printed}");
    assert!(row(&printed, "sent-cancel-timer").starts_with("sent-cancel-timer 1 bounded 1 "), "{printed}");
    let budget = ["gate", "--request", "system", "--engine", "dpor", "--budget", "1ms"];
    let (code, printed) = run(folder.path(), &budget);
    assert_eq!(code, Some(5), "{printed}");
    assert!(
        printed.contains("system: dpor proved 0 of 115 scenarios, not started 117, and 0 of 2"),
        "{printed}"
    );
    let (code, printed) = run(folder.path(), &[&cut[..], &["--allow-bounded"]].concat());
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_fault_that_is_named_is_refuted_and_engines_that_judge_no_systems_are_refused() {
    let folder = folder();
    let (code, printed) = run(folder.path(), &["gate", "--request", "queue-never-opens", "--engine", "dpor"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("faults of systems: 1 systems; 1 of 1 judgements refute"), "{printed}");
    assert!(!printed.contains("system: "), "{printed}");
    let (code, printed) = run(folder.path(), &["gate", "--request", "system", "--engine", "threads"]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("judged by loom, shuttle, dpor and rc11, not by threads"), "{printed}");
    let (code, printed) = run(folder.path(), &["gate", "--scenario", "purge-finnish"]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("did you mean \"purge-finish\""), "{printed}");
}

#[test]
fn a_scenario_of_systems_that_disappeared_is_missed() {
    let job = |scenario: &str| Job {
        task: Task::System { system: REFERENCE.name.to_owned(), scenario: scenario.to_owned() },
        engine: Engine::Dpor,
        seed: 1,
        samples: 1,
        milliseconds: None,
        executions: None,
    };
    let ledger = |selection: Selection, scenarios: &[&str]| {
        let mut ledger = Ledger::new(selection);
        for scenario in scenarios {
            let job = job(scenario);
            ledger.add(&job, Some(&job.run(registry::subject)), Expected::Passes);
        }
        ledger
    };
    let last = ledger(Selection::default(), &["purge-mark", "purge-finish"]);
    let now = ledger(Selection::default(), &["purge-mark"]);
    assert_eq!(ledger::disappeared(&last, &now), ["system / purge-finish / dpor"]);
    let only = |requests: &[&str], scenarios: &[&str]| Selection {
        requests: requests.iter().map(ToString::to_string).collect(),
        scenarios: scenarios.iter().map(ToString::to_string).collect(),
        engines: Vec::new(),
    };
    // Who asks for something else does not miss it.
    for selection in [only(&["word"], &[]), only(&[], &["purge-mark"])] {
        assert_eq!(ledger::disappeared(&last, &ledger(selection, &["purge-mark"])), Vec::<String>::new());
    }
    let now = ledger(only(&["system"], &[]), &["purge-mark"]);
    assert_eq!(ledger::disappeared(&last, &now).len(), 1);
}
