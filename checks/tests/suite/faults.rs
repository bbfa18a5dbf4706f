//! Every check must be seen to fail: each fault is refuted for its own rule by each engine that claims to see it.

use std::collections::BTreeSet;

use cancelproof::judge::{Engine, Settings, check_canary};
use cancelproof::model::Rule;
use cancelproof::registry::{self, FAULTS};
use cancelproof::scenario::catalogue;
use cancelproof::verdict::Verdict;

use crate::support::{job, judge_all};

#[test]
fn every_fault_is_refuted_for_its_own_rule_by_every_exhaustive_engine_that_claims_it() {
    let claimed: Vec<_> = FAULTS
        .iter()
        .flat_map(|fault| {
            let engines = Engine::ALL.into_iter().filter(|engine| engine.is_exhaustive());
            engines.filter(|engine| engine.claims(fault.about.needs)).map(move |engine| (fault, engine))
        })
        .collect();
    let jobs: Vec<_> =
        claimed.iter().map(|(fault, engine)| job(fault.about.name, fault.about.scenario, *engine)).collect();
    for ((fault, engine), judgement) in claimed.iter().zip(judge_all(&jobs)) {
        let Verdict::Refuted { violation, .. } = &judgement.verdict else {
            panic!("{} under {engine}: {}", fault.about.name, judgement.verdict);
        };
        assert_eq!(violation.rule, fault.about.breaks, "{} under {engine}: {violation}", fault.about.name);
    }
}

#[test]
fn every_rule_has_a_fault_that_breaks_it() {
    let broken: BTreeSet<Rule> = FAULTS.iter().map(|fault| fault.about.breaks).collect();
    assert_eq!(broken, BTreeSet::from(Rule::ALL));
}

#[test]
fn every_fault_has_a_name_of_its_own_and_a_scenario() {
    let names: BTreeSet<&str> = registry::names().into_iter().collect();
    assert_eq!(names.len(), registry::names().len());
    for fault in FAULTS {
        assert!(catalogue::named(fault.about.scenario).is_some(), "{}", fault.about.name);
    }
}

#[test]
fn what_only_misorders_is_found_by_happens_before_and_by_nothing_else() {
    let (seeing, blind) = (Engine::Dpor, Engine::Shuttle);
    let judgements =
        judge_all(&[seeing, blind].map(|engine| job("word-claims-relaxed", "mark-cancel", engine)));
    assert!(
        matches!(&judgements[0].verdict, Verdict::Refuted { violation, .. } if violation.rule == Rule::Publication)
    );
    assert_eq!(judgements[1].verdict, Verdict::Proved);
}

#[test]
fn the_canary_lives_under_every_engine() {
    for engine in Engine::ALL {
        assert_eq!(check_canary(engine, Settings::default()), Ok(()), "{engine}");
    }
}
