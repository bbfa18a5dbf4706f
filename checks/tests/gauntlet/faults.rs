//! Every fault is refuted where it says, for the reason it says, and nothing else is.

use std::collections::BTreeSet;

use cancelproof::gauntlet::{self, Matrix, scenario_of, why_not_claimed};
use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::registry::{FAULTS, FaultyRequest, REFERENCES};
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::verdict::Verdict;

#[test]
fn every_fault_is_refuted_under_its_own_rule_by_every_engine_that_claims_it() {
    let matrix = gauntlet::run(&Matrix::documented_engines(), Settings::default(), |_| ());
    let broken: Vec<String> = matrix
        .broken()
        .map(|(row, engine, cell)| format!("{} ({}) under {engine}: {cell:?}", row.fault, row.breaks))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let alive: Vec<&str> = matrix.alive().map(|row| row.fault).collect();
    assert_eq!(alive, Vec::<&str>::new());
    assert!(matrix.is_clean());
}

#[test]
fn the_gauntlet_is_long_and_its_names_are_unique() {
    let names: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.about.name).collect();
    assert_eq!(names.len(), FAULTS.len());
    assert!(FAULTS.len() >= 60, "{} faults", FAULTS.len());
}

#[test]
fn every_fault_says_what_it_edits_and_where_it_comes_from() {
    for FaultyRequest { about, .. } in FAULTS {
        assert!(about.name.starts_with(&format!("{}-", about.request)), "{about:?}");
        assert!(!about.edit.is_empty() && !about.origin.is_empty(), "{about:?}");
        for unseen in about.unseen_by {
            assert!(unseen.engine.parse::<Engine>().is_ok(), "{about:?}");
        }
    }
}

/// An exception that is not needed would hide that an engine has got better.
#[test]
fn an_engine_that_is_said_not_to_see_a_fault_does_not_see_it() {
    for fault in FAULTS {
        for unseen in fault.about.unseen_by {
            let engine: Engine = unseen.engine.parse().unwrap();
            let judgement = judge(fault.subject, &scenario_of(fault), engine, Settings::default()).unwrap();
            assert_eq!(judgement.verdict, Verdict::Proved, "{} under {engine}", fault.about.name);
        }
    }
}

/// The scenario of a fault is the smallest: with fewer threads no scenario shows it.
#[test]
fn no_scenario_with_fewer_threads_shows_a_fault() {
    let mut smaller = Vec::new();
    for fault in FAULTS {
        let threads = scenario_of(fault).program.threads.len();
        for scenario in catalogue::all().iter().filter(|other| other.program.threads.len() < threads) {
            if is_shown(fault, scenario) {
                smaller.push(format!("{} is shown by {scenario}", fault.about.name));
            }
        }
    }
    assert!(smaller.is_empty(), "{}", smaller.join("\n"));
}

/// Whether dpor, which is quick, refutes a fault under its own rule there.
fn is_shown(fault: &'static FaultyRequest, scenario: &Scenario) -> bool {
    if why_not_claimed(Engine::Dpor, &fault.about, scenario).is_some() {
        return false;
    }
    let judged = judge(fault.subject, scenario, Engine::Dpor, Settings::default());
    judged.is_ok_and(|judgement| {
        matches!(judgement.verdict, Verdict::Refuted { violation, .. } if violation.rule == fault.about.breaks)
    })
}

#[test]
fn no_reference_request_is_refuted_where_faults_are_found() {
    let names: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.about.scenario).collect();
    for engine in [Engine::Dpor, Engine::Rc11] {
        for scenario in names.iter().filter_map(|name| catalogue::named(name)) {
            for &reference in REFERENCES {
                let Ok(judgement) = judge(reference, &scenario, engine, Settings::default()) else {
                    continue;
                };
                let name = reference.name();
                assert_eq!(judgement.verdict, Verdict::Proved, "{name} in {scenario} under {engine}");
            }
        }
    }
}
