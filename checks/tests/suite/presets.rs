//! The contracts beyond Windows: each is kept by a reference request, in every scenario that applies.

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::Contract;
use cancelproof::registry::{self, PRESETS};
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;

fn scenarios_of(subject: &dyn Subject) -> impl Iterator<Item = Scenario> {
    let contract = subject.contract();
    catalogue::all().into_iter().filter(move |scenario| scenario.applies_to(&contract))
}

fn is_proved(subject: &'static dyn Subject, scenario: &Scenario, engine: Engine) {
    let judgement = judge(subject, scenario, engine, Settings::default()).expect("the scenario applies");
    assert_eq!(judgement.verdict, Verdict::Proved, "{} in {} under {engine}", subject.name(), scenario.name);
}

#[test]
fn every_preset_has_a_reference_request() {
    for contract in Contract::PRESETS {
        assert!(registry::references().any(|subject| subject.contract() == contract), "{contract}");
    }
}

#[test]
fn every_scenario_of_every_preset_is_proved_in_every_order() {
    for &subject in PRESETS {
        for scenario in scenarios_of(subject) {
            is_proved(subject, &scenario, Engine::Dpor);
        }
    }
}

/// Weak memory, and the engine that is not ours, where that takes no minutes: the programs of two threads.
#[test]
fn the_small_scenarios_of_every_preset_are_proved_under_weak_memory() {
    for &subject in PRESETS {
        for scenario in scenarios_of(subject).filter(|scenario| scenario.program.threads.len() <= 2) {
            is_proved(subject, &scenario, Engine::Rc11);
            is_proved(subject, &scenario, Engine::Loom);
        }
    }
}
