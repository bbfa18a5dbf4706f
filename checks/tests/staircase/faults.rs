//! Each fault that breaks what the protocol promises leaves it, at a step that is reviewed.

use std::fmt::Write as _;
use std::time::Duration;

use cancelproof::judge::{Engine, Settings};
use cancelproof::model::Rule;
use cancelproof::model::faults::Sight;
use cancelproof::registry::{self, FaultyRequest};
use cancelproof::scenario::catalogue;
use cancelproof::staircase::{self, Climb, climb, is_walked};
use cancelproof::verdict::Verdict;

/// What the protocol says nothing of: memory, the callback object, threads, and how many steps a call takes.
const NOT_OF_THE_PROTOCOL: [Rule; 5] =
    [Rule::Publication, Rule::CallbackReleased, Rule::CallbackThread, Rule::NoDeadlock, Rule::BoundedSteps];

fn climbed(fault: &FaultyRequest) -> Option<Climb> {
    let scenario = catalogue::named(fault.about.scenario)?;
    let engine = if fault.about.needs == Sight::WeakMemory { Engine::Rc11 } else { Engine::Dpor };
    is_walked(&scenario).then(|| climb(fault.subject, &scenario, engine, Settings::default()).ok())?
}

#[test]
fn each_fault_leaves_the_protocol_at_its_step() {
    let mut report = String::new();
    for fault in registry::FAULTS {
        let (name, breaks) = (fault.about.name, fault.about.breaks);
        let line = match climbed(fault) {
            None => "its scenario is not walked".to_owned(),
            Some(Climb { departure: Some(departure), .. }) => departure.to_string(),
            Some(Climb { failure: Some(_), .. }) => "follows, up to where the engine stopped".to_owned(),
            Some(_) => "follows".to_owned(),
        };
        writeln!(report, "{name} ({breaks}): {line}").unwrap();
    }
    insta::assert_snapshot!("faults", report);
}

/// Whatever breaks a rule about answers and callbacks, by an execution that ends, leaves the protocol.
#[test]
fn whatever_breaks_the_protocol_leaves_it() {
    for fault in registry::FAULTS {
        let Some(climb) = climbed(fault) else { continue };
        if climb.departure.is_none() && climb.failure.is_none() {
            let breaks = fault.about.breaks;
            assert!(
                NOT_OF_THE_PROTOCOL.contains(&breaks),
                "{} breaks {breaks} and follows",
                fault.about.name
            );
        }
    }
}

/// As the gate asks it: in every scenario, and refuted where a rule is broken as well.
#[test]
fn whoever_leaves_the_protocol_is_refuted_and_whoever_follows_is_proved() {
    let fault = registry::fault("locked-fires-twice").unwrap();
    let verdict = staircase::judge(fault.subject, Settings::default()).verdict;
    let Verdict::Refuted { violation, .. } = verdict else { panic!("{verdict}") };
    assert!(violation.explanation.contains(", the code is not the protocol: thread "), "{violation}");
    let reference = registry::subject("locked").unwrap();
    let judgement = staircase::judge(reference, Settings::default());
    assert_eq!(judgement.verdict, Verdict::Proved);
    assert!(judgement.executions > 100);
    let none = Settings { time: Some(Duration::ZERO), ..Settings::default() };
    assert!(matches!(staircase::judge(reference, none).verdict, Verdict::Bounded(_)));
}

#[test]
fn a_departure_shows_the_execution_up_to_its_step() {
    let fault = registry::fault("locked-fires-twice").unwrap();
    let departure = climbed(fault).unwrap().departure.unwrap();
    insta::assert_snapshot!(
        "departure",
        format!("{departure}\n{}\n> {}", departure.before.join("\n"), departure.step)
    );
}
