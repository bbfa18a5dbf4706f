//! What loom and shuttle leave out shows nothing new: the same verdicts and outcomes as without, in fewer executions.

use cancelproof::judge::{Engine, Settings, judge, judge_whole};
use cancelproof::registry;
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::verdict::{Judgement, Verdict};

/// Executions after which the longer ones are not compared here.
const EXECUTIONS_MAX: u64 = 6_000;

fn judged(request: &str, scenario: &Scenario, engine: Engine, is_reduced: bool) -> Judgement {
    let subject = registry::subject(request).expect("it is registered");
    let settings = Settings { executions: Some(EXECUTIONS_MAX), ..Settings::default() };
    if is_reduced {
        judge(subject, scenario, engine, settings).expect("they fit together")
    } else {
        judge_whole(subject, scenario, engine, settings)
    }
}

fn compare(request: &str, engine: Engine) {
    let contract = registry::subject(request).expect("it is registered").contract();
    let (mut compared, mut with, mut without) = (0, 0, 0);
    for scenario in catalogue::all().iter().filter(|scenario| scenario.applies_to(&contract)) {
        let reduced = judged(request, scenario, engine, true);
        if reduced.verdict != Verdict::Proved {
            continue;
        }
        let whole = judged(request, scenario, engine, false);
        if whole.verdict == Verdict::Proved {
            let name = &scenario.name;
            assert!(reduced.outcomes.keys().eq(whole.outcomes.keys()), "{request} in {name} by {engine}");
            assert_eq!(reduced.coverage, whole.coverage, "{request} in {name} by {engine}");
            assert!(reduced.executions <= whole.executions, "{request} in {name} by {engine}");
            (compared, with, without) = (compared + 1, with + reduced.executions, without + whole.executions);
        }
    }
    assert!(compared > 30, "{compared} scenarios were compared");
    assert!(with < without, "{with} of {without}");
}

#[test]
fn loom_has_the_same_outcomes_with_and_without_the_reduction() {
    compare("word", Engine::Loom);
    compare("locked", Engine::Loom);
}

#[test]
fn shuttle_has_the_same_outcomes_with_and_without_the_reduction() {
    compare("word", Engine::Shuttle);
    compare("locked", Engine::Shuttle);
}

/// Two cancelers that look before they claim both claim only if the second looks between the two steps of the first: a
/// reduction that let one twin end before the other begins would lose it.
#[test]
fn a_fault_between_the_steps_of_two_twins_is_found() {
    for fault in ["word-checks-then-claims", "locked-checks-then-claims"] {
        let planted = registry::fault(fault).expect("it is registered");
        for engine in
            [Engine::Loom, Engine::Shuttle].into_iter().filter(|engine| engine.claims(planted.about.needs))
        {
            let scenario = catalogue::named(planted.about.scenario).expect("it is in the catalogue");
            let verdict = judged(fault, &scenario, engine, true).verdict;
            let is_refuted = matches!(&verdict, Verdict::Refuted { violation, .. } if violation.rule == planted.about.breaks);
            assert!(is_refuted, "{fault} by {engine}: {verdict}");
        }
    }
}
