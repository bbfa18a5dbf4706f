//! Every fault of a system is refuted where it says, for the reason it says, and nothing else is.

use std::collections::BTreeSet;

use cancelproof::registry;
use cancelproof::system::ENGINES;
use cancelproof::system::catalogue;
use cancelproof::system::matrix;
use cancelproof::system::registry::{FAULTS, FaultySystem};
use cancelproof_model::Rule;

/// Also that the page is what the engines say today.
#[test]
fn every_fault_is_refuted_under_its_own_rule_by_every_engine_that_claims_it() {
    let matrix = matrix::run(&ENGINES, |_| ());
    let complaints: Vec<&str> = matrix.complaints().collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(matrix.is_clean());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kill-matrix-systems.md");
    let fresh = matrix.to_markdown();
    if std::env::var_os("REWRITE").is_some() {
        std::fs::write(path, &fresh).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == fresh,
        "the kill matrix of systems is stale: run this test with REWRITE=1, and review it"
    );
}

#[test]
fn every_fault_has_a_name_of_its_own_and_says_what_it_edits() {
    let names: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.about.name).collect();
    assert_eq!(names.len(), FAULTS.len());
    assert_eq!(FAULTS.len(), 83);
    for FaultySystem { about, .. } in FAULTS {
        assert!(about.name.starts_with(&format!("{}-", about.request)), "{about:?}");
        assert!(!about.edit.is_empty() && !about.origin.is_empty(), "{about:?}");
        assert!(catalogue::named(about.scenario).is_some(), "{about:?}");
        assert!(registry::fault(about.name).is_none(), "{about:?}");
    }
}

#[test]
fn every_rule_of_systems_has_a_fault_that_breaks_it() {
    let broken: BTreeSet<Rule> = FAULTS.iter().map(|fault| fault.about.breaks).collect();
    for rule in Rule::OF_SYSTEMS {
        assert!(broken.contains(&rule), "{rule}");
    }
}
