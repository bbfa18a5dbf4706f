//! The ledger: valid against its published schema, audited, and missed when something disappears from it.

use std::fs;
use std::path::Path;

use cancelproof::ledger::{self, Ledger};
use cancelproof::model::Rule;
use serde_json::Value;

use crate::place::Place;

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
fn a_damaged_or_newer_ledger_is_refused_in_one_line_before_the_work_and_left_alone() {
    let place = Place::new();
    for (text, reason) in
        [("{\"layout\": 3}", "newer version"), ("[]", "it is no ledger"), ("{\"lay", "it is no ledger")]
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
