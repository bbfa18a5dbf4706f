//! The reference system has exactly the outcomes that the specification allows, under every exhaustive engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cancelproof::judge::{Engine, Settings};
use cancelproof::scenario::catalogue as of_requests;
use cancelproof::system::registry::REFERENCE;
use cancelproof::system::{Kind, Scenario, catalogue, judge};
use cancelproof::verdict::{Judgement, Verdict};
use cancelproof_model::Rule;

fn judged(scenario: &Scenario, engine: Engine) -> Judgement {
    judge(&REFERENCE, scenario, engine, Settings::default()).expect("the engine judges systems").judgement
}

/// The outcomes that `dpor` reaches when nothing is expected.
fn reached(scenario: &Scenario) -> Vec<String> {
    let judgement = judged(&Scenario { outcomes: Vec::new(), ..scenario.clone() }, Engine::Dpor);
    assert_eq!(judgement.verdict, Verdict::Proved, "{}", scenario.name);
    judgement.outcomes.keys().map(ToString::to_string).collect()
}

/// What is kept is what the code does; that it is what the specification allows was reviewed, row by row.
#[test]
fn the_outcomes_are_those_that_were_reviewed() {
    let lawful = catalogue::all().into_iter().filter(|scenario| scenario.kind != Kind::Hangs);
    let all: Vec<(Scenario, Vec<String>)> =
        lawful.map(|scenario| (scenario.clone(), reached(&scenario))).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("judge/src/system/outcomes.txt");
    let fresh = catalogue::page(&all);
    if std::env::var_os("REWRITE").is_some() {
        fs::write(&path, &fresh).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "outcomes.txt is stale: run this test with REWRITE=1, and review what changed");
}

/// What takes loom long; a gate judges it within the usual budget.
const LONG_FOR_LOOM: [&str; 4] =
    ["sent-cancel-timer", "sent-reuse-late-cancel", "close-cancel-finish", "exit-cancel-finish"];

/// The engines agree: each reaches all outcomes and no other. The numbers of executions are exact.
#[test]
fn every_engine_proves_every_scenario() {
    let mut counts = Vec::new();
    for scenario in catalogue::all().into_iter().filter(|scenario| scenario.kind != Kind::Hangs) {
        assert!(!scenario.outcomes.is_empty(), "{}", scenario.name);
        let mut row = format!("{:<40}", scenario.name);
        for engine in [Engine::Dpor, Engine::Rc11, Engine::Loom] {
            if engine == Engine::Loom && LONG_FOR_LOOM.contains(&scenario.name) {
                let _ = write!(row, " {engine} left to a longer test");
                continue;
            }
            let judgement = judged(&scenario, engine);
            assert_eq!(judgement.verdict, Verdict::Proved, "{} under {engine}", scenario.name);
            let _ = write!(row, " {engine} {:>6}", judgement.executions);
        }
        counts.push(row);
    }
    insta::assert_snapshot!(counts.join("\n"));
}

#[test]
#[ignore = "takes minutes; run by `make proofs`"]
fn the_longest_proofs_of_loom_have_the_same_outcomes() {
    // The CAS loops of three parties on one word are too many for loom; dpor and rc11 exhaust them.
    for name in LONG_FOR_LOOM.into_iter().filter(|name| *name != "sent-cancel-timer") {
        let scenario = catalogue::named(name).expect("it is in the catalogue");
        assert_eq!(judged(&scenario, Engine::Loom).verdict, Verdict::Proved, "{name}");
    }
}

/// shuttle is a witness that is not ours; it has no reduction, so it is asked where its spaces are small.
#[test]
fn shuttle_agrees_where_its_spaces_are_small() {
    for name in [
        "queue-mark-finish-cancel",
        "purge-mark-refusing",
        "purge-finish",
        "purge-two-cancel",
        "two-claims",
        "handler-cancel",
        "requeue-serve-cancel-telling",
        "stop-cancel",
        "close-serve",
        "exit-finish",
        "object-released-after-mark",
    ] {
        let scenario = catalogue::named(name).expect("it is in the catalogue");
        assert_eq!(judged(&scenario, Engine::Shuttle).verdict, Verdict::Proved, "{name}");
    }
}

/// A driver that waits for what only it could bring about hangs, and the engines say so.
#[test]
fn a_driver_that_waits_for_itself_hangs() {
    let hanging: Vec<Scenario> =
        catalogue::all().into_iter().filter(|scenario| scenario.kind == Kind::Hangs).collect();
    assert_eq!(hanging.len(), 2);
    for scenario in hanging {
        for engine in [Engine::Dpor, Engine::Rc11, Engine::Loom] {
            let verdict = judged(&scenario, engine).verdict;
            let is_refuted =
                matches!(&verdict, Verdict::Refuted { violation, .. } if violation.rule == Rule::NoDeadlock);
            assert!(is_refuted, "{} under {engine}: {verdict}", scenario.name);
        }
    }
}

/// A scenario of which one outcome is never reached is vacuous, however exhausted it is.
#[test]
fn an_outcome_that_never_comes_is_missed() {
    let mut scenario = catalogue::named("purge-mark").expect("it is in the catalogue");
    scenario.outcomes.push("mark:0=marked | – ; success".to_owned());
    let verdict = judged(&scenario, Engine::Dpor).verdict;
    assert!(matches!(verdict, Verdict::Vacuous { .. }), "{verdict}");
}

/// A budget that runs out proves nothing.
#[test]
fn an_exploration_that_was_cut_short_is_bounded() {
    let scenario = catalogue::named("power-cancel").expect("it is in the catalogue");
    let settings = Settings { executions: Some(3), ..Settings::default() };
    let judgement =
        judge(&REFERENCE, &scenario, Engine::Dpor, settings).expect("dpor judges systems").judgement;
    assert!(matches!(judgement.verdict, Verdict::Bounded(_)), "{}", judgement.verdict);
}

#[test]
fn names_are_unique_also_among_the_scenarios_of_requests() {
    let systems: Vec<Scenario> = catalogue::all();
    let names: BTreeSet<&str> = systems.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), systems.len());
    for scenario in of_requests::all() {
        assert!(!names.contains(scenario.name.as_str()), "{}", scenario.name);
    }
}

/// Each race of the specification that one request alone cannot show, and each of its rows about the application.
#[test]
fn every_race_that_takes_a_system_has_a_scenario() {
    let sources: BTreeSet<&str> =
        catalogue::all().iter().flat_map(|scenario| scenario.source.split(", ")).collect();
    let races = ["R3", "R4", "R6", "R10", "R18", "R19", "R20", "R21", "R22", "R23", "R24", "R28", "R30"];
    let larger =
        ["T3", "T5", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "5.1", "5.2", "5.3", "2.5", "2.6"];
    let missing: Vec<&str> = races.into_iter().chain(larger).filter(|race| !sources.contains(race)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
