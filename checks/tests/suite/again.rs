//! What a gate does again: kept failures, and the same run a second time; and what it does when nobody reads.

use std::fs;
use std::io;
use std::process::Command;

use cancelproof::counterexample::{self, Token};
use cancelproof::ledger::{self, Ledger};
use cancelproof::registry;
use cancelproof::scenario::catalogue;

use crate::place::{GATE, Place};
use crate::support::program;

#[test]
fn a_kept_failure_takes_nothing_away_from_a_ledger_of_which_only_a_part_is_judged_again() {
    let place = Place::new();
    let ledger = place.ledger();
    let kept = place.kept();
    let gate = |more: &[&str]| place.gate_of(&["--request", "word", "--request", "locked"], more);
    assert_eq!(gate(&[]).0, Some(0));
    let without = place.read();
    let of = |ledger: &Ledger, request: &str, is_kept: bool| {
        let is_it =
            |result: &&ledger::Record| result.request == request && result.scenario.is_none() == is_kept;
        ledger.results.iter().filter(is_it).count()
    };
    let catalogue = [of(&without, "word", false), of(&without, "locked", false)];
    assert!(catalogue.iter().all(|&results| results > 30), "{catalogue:?}");
    // A failure that has been kept since then is judged, though its request has not changed.
    fs::write(&kept, "exactly-once: locked ; dpor ; mark | cancel | cancel\n")
        .expect("the folder is writable");
    let (code, printed) = gate(&["--changed"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("changed, and judged: locked\n"), "{printed}");
    assert!(gate(&["--changed"]).1.contains("nothing is judged"));
    // It is judged as well when another request has changed, and its own request is carried over once.
    let mut last = place.read();
    let request = last.requests.iter_mut().find(|request| request.name == "word").expect("it is there");
    request.fingerprint.as_mut().expect("it has one").behaviour = Some("1".repeat(64));
    ledger::write(&ledger, &last).expect("the folder is writable");
    let (code, printed) = gate(&["--changed"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("changed, and judged: word\n"), "{printed}");
    let now = place.read();
    assert_eq!([of(&now, "word", false), of(&now, "locked", false)], catalogue);
    assert_eq!([of(&now, "word", true), of(&now, "locked", true)], [0, 1]);
}

/// A failure of a fault, as the file of kept failures has it.
fn kept_line(fault: &str, request: &str) -> String {
    let fault = registry::fault(fault).expect("it is registered");
    let scenario = catalogue::named(fault.about.scenario).expect("it is in the catalogue");
    let found =
        counterexample::find(fault.subject, &scenario, Some(fault.about.breaks)).expect("it is a fault");
    let token = Token { request: request.to_owned(), ..found.token };
    format!("{}: {request} ; dpor ; {} ; replay {token}\n", fault.about.breaks, scenario.program)
}

#[test]
fn the_execution_of_a_kept_failure_is_run_again_before_anything_is_searched() {
    let place = Place::new();
    let kept = place.kept();
    let gate = |more: &[&str]| place.gate_of(&["--request", "locked", "--scenario", "mark-cancel"], more);
    fs::write(&kept, kept_line("locked-fires-twice", "locked-fires-twice")).expect("the folder is writable");
    let (code, printed) = gate(&["-v"]);
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.starts_with("kept failures") && printed.contains("REFUTED exactly-once 1"), "{printed}");
    assert!(printed.contains("exactly-once is broken") && !printed.contains("fit any more"), "{printed}");
    let last = place.read();
    let of_kept = last.results.iter().find(|result| result.scenario.is_none()).expect("it was judged");
    assert_eq!((of_kept.verdict.word.as_str(), of_kept.executions), ("refuted", 1));
    assert_eq!(last.findings.len(), 1);
    assert_eq!(place.audit().0, Some(0), "the same execution is run again");

    // Where the same decisions do not fail any more that is said, and the program is judged as a whole.
    for (fault, said) in [
        ("locked-fires-twice", "its execution breaks exactly-once no more"),
        ("exchange-looks-before-publishing", "its token does not fit any more: at decision "),
    ] {
        fs::write(&kept, kept_line(fault, "locked")).expect("the folder is writable");
        let (code, printed) = gate(&["--accept-removals"]);
        assert_eq!(code, Some(0), "{printed}");
        assert!(printed.contains(said) && printed.contains("so dpor judged the program"), "{printed}");
        let now = place.read();
        let of_kept = now.results.iter().find(|result| result.scenario.is_none()).expect("it was judged");
        assert_eq!(of_kept.verdict.word, "proved");
        assert!(of_kept.verdict.detail.as_ref().is_some_and(|detail| detail.contains(said)), "{of_kept:?}");
        assert!(of_kept.executions > 1);
        assert_eq!(place.audit().0, Some(0));
    }
}

/// Of what the gate prints only one line may differ, by the time that it took.
fn without_time(printed: &str) -> String {
    let timed = |line: &&str| !(line.contains(" executions in ") && line.ends_with(" s"));
    assert_eq!(printed.lines().filter(|line| !timed(line)).count(), 1, "{printed}");
    printed.lines().filter(timed).fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn two_runs_with_the_same_seed_write_the_same_bytes_in_every_form() {
    let run = || {
        let place = Place::new();
        let kept = place.kept();
        fs::write(&kept, kept_line("locked-fires-twice", "locked-fires-twice"))
            .expect("the folder is writable");
        let (code, printed) = place.gate(&["--kept", "kept.txt", "--workers", "2"]);
        assert_eq!(code, Some(1), "{printed}");
        let mut all = vec![("terminal", without_time(&printed))];
        all.push(("ledger", fs::read_to_string(place.ledger()).expect("it was written")));
        let events = ["--kept", "kept.txt", "--workers", "2", "--message-format", "json"];
        all.push(("json", place.gate(&events).1));
        for format in ["junit", "sarif", "github", "markdown"] {
            let (code, text) = place.run(&["report", "ledger.json", "--format", format]);
            assert_eq!(code, Some(0), "{text}");
            all.push((format, text));
        }
        place.run(&["report", "ledger.json", "--format", "html", "--output", "page.html"]);
        for page in ["page.html", "page-film-1.html"] {
            all.push((page, fs::read_to_string(place.folder.path().join(page)).expect("it was written")));
        }
        all
    };
    let (first, second) = (run(), run());
    for ((form, first), (_, second)) in first.iter().zip(&second) {
        assert!(first.len() > 100 && first == second, "{form} differs:\n{first}\n{second}");
    }
}

#[test]
fn a_gate_that_nobody_reads_finds_keeps_and_says_by_its_exit_code_the_same() {
    for format in ["human", "json"] {
        let place = Place::new();
        let kept = place.kept();
        fs::write(&kept, kept_line("locked-fires-twice", "locked-fires-twice"))
            .expect("the folder is writable");
        let (read, write) = io::pipe().expect("the system has pipes");
        drop(read);
        let status = Command::new(program())
            .args(GATE)
            .args(["--ledger", "ledger.json", "--kept", "kept.txt", "--message-format", format])
            .current_dir(place.folder.path())
            .stdout(write.try_clone().expect("the system has pipes"))
            .stderr(write)
            .status()
            .expect("the program runs");
        assert_eq!(status.code(), Some(1), "{format}");
        let ledger = place.read();
        assert_eq!((ledger.findings.len(), ledger.engines.len()), (1, 2), "{format}");
    }
}

/// `/dev/full` is a disk that has no room.
#[test]
#[cfg(target_os = "linux")]
fn a_gate_that_has_no_room_for_its_tables_keeps_what_it_has_found_and_says_so() {
    let place = Place::new();
    let kept = place.kept();
    let gate = |expected: i32| {
        let output = Command::new(program())
            .args(GATE)
            .args(["--ledger", "ledger.json", "--kept", "kept.txt"])
            .current_dir(place.folder.path())
            .stdout(fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it"))
            .output()
            .expect("the program runs");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(expected), "{words}");
        assert!(words.starts_with("error: cannot print: ") && words.lines().count() == 1, "{words}");
        place.read()
    };
    assert_eq!(gate(2).findings.len(), 0);
    fs::write(&kept, kept_line("locked-fires-twice", "locked-fires-twice")).expect("the folder is writable");
    assert_eq!(gate(1).findings.len(), 1);
}
