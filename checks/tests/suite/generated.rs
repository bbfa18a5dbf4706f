//! Programs that nobody wrote: drawn, judged, shrunk, and kept when they fail.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::thread;

use cancelproof::job::ad_hoc;
use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::registry::{self, REFERENCES};
use cancelproof::scenario::Program;
use cancelproof::scenario::generate::lawful_programs;
use cancelproof::subject::Subject;
use cancelproof::verdict::{Judgement, Verdict};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestError, TestRunner};

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../proptest-regressions/generated.txt");

fn judged(subject: &'static dyn Subject, program: &Program, engine: Engine) -> Judgement {
    judge(subject, &ad_hoc(program.clone()), engine, Settings::default())
        .expect("generated programs apply to all")
}

/// What was drawn may contain no cancel that is answered before the end, and so be vacuous; that is no failure here.
fn passes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Proved | Verdict::Vacuous { .. } | Verdict::Bounded(_))
}

/// Draws programs, and has at most `executions` of each judged on all reference requests that it applies to. The number of
/// judgements that came to the end of their executions, and of those that did not.
fn draw((cases, rng_seed): (u32, RngSeed), executions: u64) -> (u32, u32) {
    let (ended, bounded) = (Cell::new(0), Cell::new(0));
    let settings = Settings { executions: Some(executions), ..Settings::default() };
    let config = Config {
        cases,
        rng_seed,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&lawful_programs(2, 3), |program| {
        // A contract without unmark has no use for most of them.
        let scenario = ad_hoc(program);
        let verdict_on = |subject: &'static dyn Subject| {
            let judgement = judge(subject, &scenario, Engine::Dpor, settings);
            judgement.expect("generated programs apply to all").verdict
        };
        // Each request on a thread of its own, since a few programs take most of the time.
        let verdicts: Vec<_> = thread::scope(|scope| {
            let applying = registry::references().filter(|subject| scenario.applies_to(&subject.contract()));
            let judging = |subject| (subject, scope.spawn(move || verdict_on(subject)));
            let running: Vec<_> = applying.map(judging).collect();
            running.into_iter().map(|(subject, verdict)| (subject.name(), verdict.join().unwrap())).collect()
        });
        if let Some((name, verdict)) = verdicts.iter().find(|(_, verdict)| !passes(verdict)) {
            return Err(TestCaseError::fail(format!("{name}: {verdict}")));
        }
        for (_, verdict) in verdicts {
            let count = if matches!(verdict, Verdict::Bounded(_)) { &bounded } else { &ended };
            count.set(count.get() + 1);
        }
        Ok(())
    });
    assert_eq!(result, Ok(()));
    (ended.get(), bounded.get())
}

/// Programs that are the same in every run, each explored to its end or for that many executions: weak exchanges that fail
/// spuriously make a few of them too long for a test, and those are bounded.
#[test]
fn no_lawful_program_refutes_a_reference_request() {
    assert_eq!(draw((64, RngSeed::Fixed(2)), 20_000), (1_149, 85));
}

/// Programs that differ from run to run, of each only a few executions.
#[test]
fn ten_thousand_executions_of_a_lawful_program_refute_no_reference_request() {
    draw((64, RngSeed::Random), 10_000);
}

#[test]
fn shuttle_and_dpor_reach_the_same_outcomes() {
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let result = runner.run(&lawful_programs(1, 2), |program| {
        for &subject in &REFERENCES[..3] {
            let [shuttle, dpor] = [Engine::Shuttle, Engine::Dpor].map(|engine| {
                let judgement = judged(subject, &program, engine);
                judgement.outcomes.into_keys().collect::<BTreeSet<_>>()
            });
            if shuttle != dpor {
                return Err(TestCaseError::fail(format!("{}: {shuttle:#?} {dpor:#?}", subject.name())));
            }
        }
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn a_planted_fault_is_found_among_drawn_programs_and_shrunk_to_the_smallest() {
    let fault = registry::fault("locked-loses-early-cancel").expect("it is registered").subject;
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let programs = lawful_programs(2, 3).prop_map(|program| program);
    let result = runner.run(&programs, |program| match judged(fault, &program, Engine::Dpor).verdict {
        Verdict::Refuted { violation, .. } => Err(TestCaseError::fail(violation.to_string())),
        _ => Ok(()),
    });
    let Err(TestError::Fail(_, smallest)) = result else { panic!("expected a failure, got {result:?}") };
    assert!(smallest.len() <= 3, "{smallest}");
}
