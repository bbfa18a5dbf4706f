//! The same source, seed and bounds give the same counts, verdicts and outcomes.

use cancelproof::judge::Engine;

use crate::support::{job, judge_all};

#[test]
fn two_runs_say_the_same() {
    let jobs: Vec<_> = ["word", "exchange", "locked", "locked-fires-twice", "word-loses-cancel-during-mark"]
        .into_iter()
        .flat_map(|request| {
            let engines = Engine::ALL.into_iter().filter(|engine| engine.is_repeatable());
            engines.map(move |engine| job(request, "marked-two-cancels", engine))
        })
        // loom takes seconds for the exchange request here, and the gate proves it twice anyway.
        .filter(|job| !(job.engine == Engine::Loom && job.title().starts_with("exchange")))
        .collect();
    assert_eq!(judge_all(&jobs), judge_all(&jobs));
}

#[test]
fn another_seed_draws_other_schedules() {
    let [first, second] = [1, 2].map(|seed| {
        let job =
            cancelproof::job::Job { seed, ..job("exchange", "marked-two-cancels", Engine::ShuttleRandom) };
        judge_all(&[job]).remove(0)
    });
    assert_eq!(first.executions, second.executions);
    assert_ne!(
        first.outcomes, second.outcomes,
        "the numbers of executions of each outcome depend on the draws"
    );
}
