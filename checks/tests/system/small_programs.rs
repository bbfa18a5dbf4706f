//! All small programs of a system: the reference keeps every rule in each, both own engines see the same outcomes, and faults
//! are found among them.

use std::collections::BTreeSet;

use cancelproof::judge::{Engine, Settings};
use cancelproof::system::registry::{self, REFERENCE, System};
use cancelproof::system::{Scenario, judge, small};
use cancelproof::verdict::{Judgement, Verdict};

fn judged(system: &System, scenario: &Scenario, engine: Engine) -> Judgement {
    judge(system, scenario, engine, Settings::default()).expect("the engine judges systems").judgement
}

fn outcomes(judgement: &Judgement) -> BTreeSet<String> {
    judgement.outcomes.keys().map(ToString::to_string).collect()
}

#[test]
fn the_reference_keeps_every_rule_in_every_small_program_and_the_engines_agree() {
    let mut count = 0;
    for scenario in small::scenarios() {
        let by_dpor = judged(&REFERENCE, &scenario, Engine::Dpor);
        assert_eq!(by_dpor.verdict, Verdict::Proved, "{}", scenario.program);
        let by_rc11 = judged(&REFERENCE, &scenario, Engine::Rc11);
        assert_eq!(by_rc11.verdict, Verdict::Proved, "{}", scenario.program);
        assert_eq!(outcomes(&by_dpor), outcomes(&by_rc11), "{}", scenario.program);
        count += 1;
    }
    assert_eq!(count, 902);
}

/// Each is refuted in a small program, by the rules alone.
#[test]
fn faults_of_the_queue_are_found_among_them() {
    for name in [
        "queue-pops-without-exchange",
        "queue-purges-only-what-waits",
        "queue-forgets-the-purge",
        "queue-never-looks-on-requeue",
        "queue-looks-before-putting-back",
        "queue-delivers-without-exchange",
        "queue-delivers-the-claimed",
        "queue-tells-and-completes",
        "queue-leaks-the-reference",
        "queue-releases-before-calling",
    ] {
        let fault = registry::fault(name).expect("it is registered");
        let is_found = small::scenarios().any(|scenario| {
            let verdict = judged(&fault.system, &scenario, Engine::Dpor).verdict;
            matches!(verdict, Verdict::Refuted { .. })
        });
        assert!(is_found, "{name}");
    }
}
