//! No rule of systems is idle.

use cancelproof::judge::{Engine, Settings};
use cancelproof::system::matrix::scenario_of;
use cancelproof::system::registry::{FAULTS, FaultySystem};
use cancelproof::system::rules::ORDER;
use cancelproof::system::{ENGINES, judge_by};
use cancelproof::verdict::Verdict;
use cancelproof_model::Rule;

fn faults_of(rule: Rule) -> impl Iterator<Item = &'static FaultySystem> {
    FAULTS.iter().filter(move |fault| fault.about.breaks == rule)
}

#[test]
fn every_rule_of_systems_has_at_least_two_faults() {
    for rule in Rule::OF_SYSTEMS {
        assert!(faults_of(rule).count() >= 2, "{rule}");
    }
}

/// Whether no other rule says what is wrong with a fault. An engine may still stop at a data race or a deadlock; what
/// nobody can put a name to is then reported as a failure of the suite and not as one of the system.
fn survives_without(rule: Rule, fault: &FaultySystem, engine: Engine) -> bool {
    let others: Vec<Rule> = ORDER.into_iter().filter(|other| *other != rule).collect();
    let judged = judge_by(&fault.system, &scenario_of(fault), engine, Settings::default(), &others)
        .expect("the engine judges systems");
    !matches!(judged.judgement.verdict, Verdict::Refuted { .. })
}

#[test]
fn without_any_one_rule_of_systems_a_fault_stays_alive_under_every_exhaustive_engine() {
    let is_shown_by = |rule: Rule, fault: &FaultySystem| {
        ENGINES.iter().all(|&engine| survives_without(rule, fault, engine))
    };
    let is_idle = |rule: &Rule| !faults_of(*rule).any(|fault| is_shown_by(*rule, fault));
    let idle: Vec<Rule> = Rule::OF_SYSTEMS.into_iter().filter(is_idle).collect();
    assert_eq!(idle, [], "other rules catch all their faults");
}
