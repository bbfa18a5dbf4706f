//! The ledger: valid against its published schema, audited, and missed when something disappears from it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cancelproof::counterexample::{self, Token};
use cancelproof::ledger::{self, Ledger};
use cancelproof::model::Rule;
use cancelproof::registry;
use cancelproof::scenario::catalogue;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::program;

/// A small gate with something of everything: a request, a fault, the system, an engine that exhausts and one that
/// samples.
const GATE: [&str; 19] = [
    "gate",
    "--request",
    "word",
    "--request",
    "word-claims-relaxed",
    "--request",
    "system",
    "--scenario",
    "mark-cancel",
    "--scenario",
    "purge-finish",
    "--scenario",
    "handler-awaits-its-callback",
    "--engine",
    "dpor",
    "--engine",
    "shuttle-random",
    "--samples",
    "40",
];

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Place { folder: tempfile::tempdir().expect("there is room for a folder") }
    }

    fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.json")
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = Command::new(program())
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (status.code(), text(&stdout) + &text(&stderr))
    }

    fn gate(&self, more: &[&str]) -> (Option<i32>, String) {
        let ledger = self.ledger();
        let ledger = ["--ledger", ledger.to_str().expect("the path is text")];
        self.run(&[&GATE[..], &ledger[..], more].concat())
    }

    fn audit(&self) -> (Option<i32>, String) {
        self.run(&["audit", self.ledger().to_str().expect("the path is text")])
    }

    fn read(&self) -> Ledger {
        ledger::read(&self.ledger()).expect("it is sound").expect("it was written")
    }
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ledger.schema.json");
    let text = fs::read_to_string(path).expect("the schema is published");
    serde_json::from_str(&text).expect("the schema is JSON")
}

#[test]
fn a_ledger_is_valid_against_its_schema_and_says_what_it_rests_on() {
    let place = Place::new();
    assert_eq!(place.gate(&[]).0, Some(0));
    let text = fs::read_to_string(place.ledger()).expect("it was written");
    let value: Value = serde_json::from_str(&text).expect("a ledger is JSON");
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    // A validator that lets everything through would prove nothing.
    let broken: Value =
        serde_json::from_str(&text.replace("\"proved\"", "\"believed\"")).expect("it is JSON");
    assert!(!validator.is_valid(&broken));

    let ledger = place.read();
    let dpor = ledger.engines.iter().find(|engine| engine.name == "dpor").expect("it was asked");
    assert_eq!(dpor.canary, "seen");
    assert!(dpor.planted.contains(&"word-claims-relaxed".to_owned()), "{dpor:?}");
    let word = ledger.requests.iter().find(|request| request.name == "word").expect("it was judged");
    let print = word.fingerprint.as_ref().expect("it has a fingerprint");
    assert!(print.source.is_some() && print.behaviour.is_some(), "{print:?}");
    assert_eq!((word.machine.states, word.seen.states), (10, 7));
    let result = ledger.results.iter().find(|result| result.title() == "word / mark-cancel / dpor");
    let result = result.expect("it was judged");
    assert_eq!((result.verdict.word.as_str(), result.rules.len()), ("proved", Rule::ALL.len()));
    let edges: Vec<String> = ledger.coverage(result).edges().map(ToString::to_string).collect();
    assert!(
        edges.contains(&"cancelable: cancel = claimed → canceled, callback not started".to_owned()),
        "{edges:?}"
    );
    assert!(ledger.results.iter().any(|result| result.is_planted() && result.verdict.word == "refuted"));
    let of =
        |title: &str| ledger.results.iter().find(|result| result.title() == title).expect("it was judged");
    let result = of("system / purge-finish / dpor");
    assert_eq!((result.verdict.word.as_str(), result.executions, result.outcomes.len()), ("proved", 7, 3));
    assert_eq!(result.rules.len(), cancelproof::system::rules::ORDER.len());
    let result = of("system / handler-awaits-its-callback / dpor");
    assert_eq!(result.expected.as_deref(), Some("no-deadlock"));
    assert!(result.is_as_expected() && !result.is_planted(), "{result:?}");
}

#[test]
fn an_audit_holds_for_a_fresh_ledger_and_not_when_source_bound_or_count_was_changed() {
    let place = Place::new();
    assert_eq!(place.gate(&[]).0, Some(0));
    let (code, printed) = place.audit();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("ledger.json holds; "), "{printed}");
    let fresh = place.read();

    let with = |change: &dyn Fn(&mut Ledger)| {
        let mut changed = fresh.clone();
        change(&mut changed);
        assert_ne!(changed, fresh);
        ledger::write(&place.ledger(), &changed).expect("the folder is writable");
        place.audit()
    };
    let at = |ledger: &Ledger, title: &str| {
        ledger.results.iter().position(|result| result.title() == title).expect("it was judged")
    };
    let (code, printed) = with(&|ledger| {
        let request = ledger.requests.iter_mut().find(|request| request.name == "word").expect("it is there");
        request.fingerprint.as_mut().expect("it has one").source = Some("0".repeat(64));
    });
    assert_eq!(code, Some(6), "{printed}");
    assert!(printed.contains("word: source hash: the ledger has 0000"), "{printed}");
    let (code, printed) = with(&|ledger| {
        let number = at(ledger, "word / mark-cancel / shuttle-random");
        ledger.results[number].bounds.samples = 39;
    });
    assert_eq!(code, Some(6), "{printed}");
    let said = "word / mark-cancel / shuttle-random: executions: the ledger has 40, now it is 39";
    assert!(printed.contains(said), "{printed}");
    let (code, printed) = with(&|ledger| {
        let number = at(ledger, "system / purge-finish / dpor");
        ledger.results[number].outcomes.pop();
    });
    assert_eq!(code, Some(6), "{printed}");
    assert!(printed.contains("system / purge-finish / dpor: outcomes: "), "{printed}");
    let (code, printed) = with(&|ledger| {
        let number = at(ledger, "word / mark-cancel / dpor");
        ledger.results[number].executions += 1;
    });
    assert_eq!(code, Some(6), "{printed}");
    assert!(
        printed.contains("word / mark-cancel / dpor: executions: ") && printed.contains("1 difference;"),
        "{printed}"
    );
}

#[test]
fn a_judgement_that_disappeared_fails_the_gate_until_that_is_accepted() {
    let place = Place::new();
    assert_eq!(place.gate(&[]).0, Some(0));
    let mut last = place.read();
    let mut old = last.results[0].clone();
    old.request = "word-claims-relaxed".to_owned();
    old.scenario = Some("a-scenario-of-old".to_owned());
    old.expected = Some("never-after-completion".to_owned());
    let gone = old.title();
    last.results.push(old);
    ledger::write(&place.ledger(), &last).expect("the folder is writable");
    for _ in 0..2 {
        let (code, printed) = place.gate(&[]);
        assert_eq!(code, Some(4), "{printed}");
        assert!(printed.contains(&gone) && printed.contains("1 judgement has disappeared"), "{printed}");
        assert!(printed.contains("--accept-removals"), "{printed}");
        assert_eq!(place.read(), last, "the last ledger is kept");
    }
    assert_eq!(place.gate(&["--accept-removals"]).0, Some(0));
    assert_eq!(place.gate(&[]).0, Some(0));
}

#[test]
fn only_what_behaves_otherwise_is_judged_on_request() {
    let place = Place::new();
    let ledger = place.ledger();
    let gate = |more: &[&str]| {
        let path = ledger.to_str().expect("the path is text");
        let whole =
            ["gate", "--request", "word", "--request", "locked", "--engine", "dpor", "--ledger", path];
        place.run(&[&whole[..], more].concat())
    };
    let (code, printed) = gate(&["--changed"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("everything is judged: there is no "), "{printed}");
    let fresh = place.read();
    let (code, printed) = gate(&["--changed"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("nothing is judged"), "{printed}");
    let mut last = fresh.clone();
    let request = last.requests.iter_mut().find(|request| request.name == "locked").expect("it is there");
    request.fingerprint.as_mut().expect("it has one").behaviour = Some("1".repeat(64));
    ledger::write(&ledger, &last).expect("the folder is writable");
    let (code, printed) = gate(&["--changed"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("changed, and judged: locked\n"), "{printed}");
    assert!(!printed.contains("word (UMDF_1)"), "{printed}");
    // What was not judged again is carried over, so that the ledger is whole.
    assert_eq!(place.read().results.len(), fresh.results.len());
}

#[test]
fn a_kept_failure_takes_nothing_away_from_a_ledger_of_which_only_a_part_is_judged_again() {
    let place = Place::new();
    let ledger = place.ledger();
    let kept = place.folder.path().join("kept.txt");
    let gate = |more: &[&str]| {
        let (ledger, kept) =
            (ledger.to_str().expect("paths are text"), kept.to_str().expect("paths are text"));
        let whole = [
            "gate",
            "--request",
            "word",
            "--request",
            "locked",
            "--engine",
            "dpor",
            "--ledger",
            ledger,
            "--kept",
            kept,
        ];
        place.run(&[&whole[..], more].concat())
    };
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
    let kept = place.folder.path().join("kept.txt");
    let ledger = place.ledger();
    let gate = |more: &[&str]| {
        let (ledger, kept) =
            (ledger.to_str().expect("paths are text"), kept.to_str().expect("paths are text"));
        let whole = [
            "gate",
            "--request",
            "locked",
            "--scenario",
            "mark-cancel",
            "--engine",
            "dpor",
            "--ledger",
            ledger,
            "--kept",
            kept,
        ];
        place.run(&[&whole[..], more].concat())
    };
    fs::write(&kept, kept_line("locked-fires-twice", "locked-fires-twice")).expect("the folder is writable");
    let (code, printed) = gate(&[]);
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

/// Of what the gate prints only the last line may differ, by the time that it took.
fn without_time(printed: &str) -> String {
    let timed = |line: &&str| !(line.contains(" executions in ") && line.ends_with(" s"));
    assert_eq!(printed.lines().filter(|line| !timed(line)).count(), 1, "{printed}");
    printed.lines().filter(timed).fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn two_runs_with_the_same_seed_write_the_same_bytes_in_every_form() {
    let run = || {
        let place = Place::new();
        let kept = place.folder.path().join("kept.txt");
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
        let kept = place.folder.path().join("kept.txt");
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

#[test]
fn a_damaged_or_newer_ledger_is_refused_in_one_line_before_the_work_and_left_alone() {
    let place = Place::new();
    for (text, reason) in
        [("{\"layout\": 2}", "newer version"), ("[]", "it is no ledger"), ("{\"lay", "it is no ledger")]
    {
        fs::write(place.ledger(), text).expect("the folder is writable");
        for (code, printed) in [place.gate(&[]), place.audit()] {
            assert_eq!(code, Some(2), "{printed}");
            assert!(printed.lines().count() == 1 && printed.contains(reason), "{printed}");
        }
        assert_eq!(fs::read_to_string(place.ledger()).expect("it is still there"), text);
    }
}

#[test]
fn a_vacuous_program_is_exit_code_3_and_events_tell_all_of_it_to_tools() {
    let place = Place::new();
    let kept = place.folder.path().join("kept.txt");
    fs::write(&kept, "no-lost-cancel: word ; dpor ; mark\n").expect("the folder is writable");
    let kept = ["--kept", kept.to_str().expect("the path is text")];
    assert_eq!(place.gate(&kept).0, Some(3));
    let (code, printed) = place.gate(&[&kept[..], &["--message-format", "json"]].concat());
    assert_eq!(code, Some(3), "{printed}");
    let events: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).expect("each line is an event")).collect();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    assert_eq!(
        (events[0]["event"].as_str(), events[0]["jobs"].as_u64()),
        (Some("started"), Some(events.len() as u64 - 2))
    );
    assert_eq!(of("canary").len(), 2);
    let vacuous = of("judged").into_iter().find(|event| event["result"]["verdict"]["word"] == "vacuous");
    assert_eq!(vacuous.expect("it was judged")["is_expected"], false);
    assert_eq!(events.last().expect("there are some")["exit_code"], 3);
}
