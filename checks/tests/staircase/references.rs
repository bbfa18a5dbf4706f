//! Every execution of every correct request is a walk through the protocol.

use cancelproof::exploration::Extent;
use cancelproof::judge::{Engine, Settings};
use cancelproof::registry;
use cancelproof::scenario::catalogue;
use cancelproof::staircase::{Learned, climb, is_walked};

/// Walks the scenarios of these names, or all, and returns how many there were, with the histories and what was learned.
fn follows(request: &str, engine: Engine, names: &[&str]) -> (usize, usize, Learned) {
    let subject = registry::subject(request).unwrap();
    let mut learned = Learned::of(&subject.contract());
    let (mut scenarios, mut histories) = (0, 0);
    for scenario in catalogue::all() {
        let is_chosen = names.is_empty() || names.contains(&scenario.name.as_str());
        if !is_chosen || !is_walked(&scenario) {
            continue;
        }
        let Ok(climb) = climb(subject, &scenario, engine, Settings::default()) else { continue };
        if let Some(departure) = climb.departure {
            panic!(
                "{request} in {} under {engine}: {departure}\n{}",
                scenario.name,
                departure.before.join("\n")
            );
        }
        assert_eq!(climb.failure, None, "{request} in {} under {engine}", scenario.name);
        assert_eq!(climb.extent, Extent::Exhausted, "{request} in {} under {engine}", scenario.name);
        scenarios += 1;
        histories += climb.histories;
        learned.merge(&climb.learned);
    }
    (scenarios, histories, learned)
}

#[test]
fn every_correct_request_follows_the_protocol_in_every_scenario() {
    let mut lines = Vec::new();
    for subject in registry::references() {
        let (scenarios, histories, learned) = follows(subject.name(), Engine::Dpor, &[]);
        assert!(scenarios > 0 && learned.extra().is_empty());
        lines.push(format!(
            "{} ({}): {scenarios} scenarios, {histories} histories, {} of {} steps met, {} never",
            subject.name(),
            subject.contract(),
            learned.certain().len(),
            learned.reference().len(),
            learned.missing().len()
        ));
    }
    insta::assert_snapshot!("references", lines.join("\n"));
}

/// The scenarios in which the races are, small enough for every engine.
const RACES: [&str; 8] = [
    "mark-cancel",
    "worker-finishes-cancel",
    "marked-finish-cancel",
    "remark-and-leave-cancel",
    "finish-together",
    "mark-cancel-reentrant",
    "complete-cancel",
    "misuse-complete-before-callback",
];

#[test]
fn the_races_follow_the_protocol_under_every_exhaustive_engine() {
    for engine in [Engine::Loom, Engine::Shuttle, Engine::Rc11] {
        for request in ["word", "exchange", "locked"] {
            let (scenarios, histories, learned) = follows(request, engine, &RACES);
            assert_eq!(scenarios, RACES.len(), "{request} under {engine}");
            assert!(histories > RACES.len(), "{request} under {engine}");
            assert!(learned.extra().is_empty());
        }
    }
}
