//! Faults of the rule *lifetime*, and programs that free the request.

use std::collections::BTreeSet;

use cancelproof::gauntlet::{scenario_of, why_not_claimed};
use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::Rule;
use cancelproof::registry::{self, LIFETIME_REFERENCES, LIFETIMES};
use cancelproof::scenario::{Scenario, ad_hoc, catalogue};
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;

const OWN: [Engine; 2] = [Engine::Dpor, Engine::Rc11];

fn verdict(subject: &'static dyn Subject, scenario: &Scenario, engine: Engine) -> Option<Verdict> {
    judge(subject, scenario, engine, Settings::default()).ok().map(|judgement| judgement.verdict)
}

/// That each is refuted is what the kill matrix says; here is what it takes.
#[test]
fn there_are_twelve_and_only_engines_that_see_an_end_claim_them() {
    let names: BTreeSet<&str> = LIFETIMES.iter().map(|fault| fault.about.name).collect();
    assert_eq!(names.len(), 12);
    for fault in LIFETIMES {
        assert_eq!(fault.about.breaks, Rule::Lifetime);
        assert!(fault.about.name.starts_with("block-") && !fault.about.edit.is_empty());
        for engine in Engine::ALL {
            let claims = why_not_claimed(engine, &fault.about, &scenario_of(fault)).is_none();
            assert_eq!(claims, OWN.contains(&engine), "{} under {engine}", fault.about.name);
        }
    }
}

#[test]
fn no_scenario_with_fewer_threads_shows_one() {
    let all = catalogue::all();
    for fault in LIFETIMES {
        let threads = scenario_of(fault).program.threads.len();
        for scenario in all.iter().filter(|scenario| scenario.program.threads.len() < threads) {
            let verdict = verdict(fault.subject, scenario, Engine::Dpor);
            let is_shown = matches!(&verdict, Some(Verdict::Refuted { violation, .. }) if violation.rule == Rule::Lifetime);
            assert!(!is_shown, "{} is shown by {scenario}", fault.about.name);
        }
    }
}

/// The twin of them all is right, wherever it is looked at.
#[test]
fn the_block_is_proved_in_every_scenario() {
    let wrong: BTreeSet<&str> = LIFETIMES.iter().map(|fault| fault.about.scenario).collect();
    for &block in LIFETIME_REFERENCES {
        let judged = |scenario: &Scenario, engine| {
            if let Some(verdict) = verdict(block, scenario, engine) {
                assert_eq!(verdict, Verdict::Proved, "{} in {scenario} under {engine}", block.name());
            }
        };
        for scenario in catalogue::all() {
            judged(&scenario, Engine::Dpor);
        }
        for name in &wrong {
            judged(&catalogue::named(name).unwrap(), Engine::Rc11);
        }
    }
}

#[test]
fn a_request_that_is_freed_by_whoever_is_last_is_freed_rightly() {
    let correct = registry::of_presets().chain(LIFETIME_REFERENCES.iter().copied());
    let mut judged = 0;
    for subject in correct {
        for scenario in catalogue::freed() {
            for engine in OWN {
                let Some(verdict) = verdict(subject, &scenario, engine) else { continue };
                assert_eq!(verdict, Verdict::Proved, "{} in {scenario} under {engine}", subject.name());
                judged += 1;
            }
        }
    }
    assert!(judged > 100, "vacuous: {judged}");
}

fn refutation(subject: &str, program: &str, engine: Engine) -> String {
    let scenario = ad_hoc(program.parse().unwrap());
    match verdict(registry::subject(subject).unwrap(), &scenario, engine) {
        Some(Verdict::Refuted { violation, .. }) if violation.rule == Rule::Lifetime => violation.explanation,
        other => panic!("{subject} in {program} under {engine}: {other:?}"),
    }
}

/// The canceler keeps no reference: the callback completes the request, which is freed under the cancel that calls it.
#[test]
fn a_request_that_its_callback_frees_is_used_by_its_cancel() {
    for engine in OWN {
        for subject in ["word", "exchange-scoped", "locked-scoped"] {
            let said = refutation(subject, "mark free | cancel", engine);
            assert!(said.starts_with("use after free"), "{said}");
        }
        let said = refutation("word", "complete free | cancel", engine);
        assert!(said.contains("use after free"), "{said}");
    }
}

/// What does not look at the end of objects keeps the request until all have ended, and refutes nothing.
#[test]
fn engines_that_see_no_end_free_nothing_early() {
    let scenario = ad_hoc("mark free | cancel".parse().unwrap());
    for engine in [Engine::Loom, Engine::Shuttle] {
        let verdict = verdict(registry::subject("word").unwrap(), &scenario, engine);
        assert_eq!(verdict, Some(Verdict::Proved), "{engine}");
    }
}
