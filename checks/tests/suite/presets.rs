//! The contracts beyond Windows: each is kept by a reference request, in every scenario that applies.

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::Contract;
use cancelproof::registry::{self, FURTHER, PRESETS};
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;

fn scenarios_of(subject: &dyn Subject) -> impl Iterator<Item = Scenario> {
    let contract = subject.contract();
    catalogue::all().into_iter().filter(move |scenario| scenario.applies_to(&contract))
}

/// What is not proved, in words.
fn unproved(subject: &'static dyn Subject, scenario: &Scenario, engine: Engine) -> Option<String> {
    let judgement = judge(subject, scenario, engine, Settings::default()).expect("the scenario applies");
    (judgement.verdict != Verdict::Proved)
        .then(|| format!("{} in {} under {engine}: {}", subject.name(), scenario.name, judgement.verdict))
}

#[test]
fn every_preset_has_a_reference_request() {
    for contract in Contract::PRESETS {
        assert!(registry::of_presets().any(|subject| subject.contract() == contract), "{contract}");
    }
}

#[test]
fn every_scenario_of_every_preset_is_proved_in_every_order() {
    let subjects = PRESETS.iter().chain(FURTHER).copied();
    let unproved: Vec<String> = subjects
        .flat_map(|subject| {
            scenarios_of(subject).filter_map(move |scenario| unproved(subject, &scenario, Engine::Dpor))
        })
        .collect();
    assert_eq!(unproved, Vec::<String>::new());
}

/// Weak memory, and the engine that is not ours, where that takes no minutes: the programs of two threads.
#[test]
fn the_small_scenarios_of_every_preset_are_proved_under_weak_memory() {
    let subjects = PRESETS.iter().chain(FURTHER).copied();
    let small = subjects.flat_map(|subject| {
        let is_small = |scenario: &Scenario| scenario.program.threads.len() <= 2;
        scenarios_of(subject).filter(is_small).map(move |scenario| (subject, scenario))
    });
    let unproved: Vec<String> = small
        .flat_map(|(subject, scenario)| {
            [Engine::Rc11, Engine::Loom].map(|engine| unproved(subject, &scenario, engine))
        })
        .flatten()
        .collect();
    assert_eq!(unproved, Vec::<String>::new());
}
