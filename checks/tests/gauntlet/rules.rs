//! No rule is idle.

use cancelproof::gauntlet::{Matrix, scenario_of};
use cancelproof::judge::{Engine, Settings, judge_by};
use cancelproof::registry::{FAULTS, FaultyRequest};
use cancelproof::verdict::Verdict;
use cancelproof_model::Rule;

fn faults_of(rule: Rule) -> impl Iterator<Item = &'static FaultyRequest> {
    FAULTS.iter().filter(move |fault| fault.about.breaks == rule)
}

#[test]
fn every_rule_has_at_least_two_faults() {
    for rule in Rule::ALL {
        assert!(faults_of(rule).count() >= 2, "{rule}");
    }
}

/// Whether no other rule says what is wrong with a fault. An engine may still stop at a data race or a deadlock; what
/// nobody can put a name to is then reported as a failure of the suite and not as one of the request.
fn survives_without(rule: Rule, fault: &'static FaultyRequest, engine: Engine) -> bool {
    let others: Vec<Rule> = Rule::ALL.into_iter().filter(|other| *other != rule).collect();
    let judgement = judge_by(fault.subject, &scenario_of(fault), engine, Settings::default(), &others)
        .expect("a fault runs in its own scenario");
    !matches!(judgement.verdict, Verdict::Refuted { .. })
}

#[test]
fn without_any_one_rule_a_fault_stays_alive_under_every_exhaustive_engine() {
    let engines = Matrix::documented_engines();
    for rule in Rule::ALL {
        let shows = |fault: &&'static FaultyRequest| {
            engines.iter().all(|&engine| survives_without(rule, fault, engine))
        };
        assert!(
            faults_of(rule).any(|fault| shows(&fault)),
            "{rule} is idle: other rules catch all its faults"
        );
    }
}
