//! What loops do, under every engine: the truth, or less with the reason. Never more, and never a refutation.
//!
//! Each program has its set of outcomes, worked out by hand. An engine that says *exhausted* has found all of them and no
//! other; one that is bounded has found some of them, and says by what it was bounded.

mod locking;
mod programs;

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof::engine::shuttle::Strategy;
use cancelproof::engine::{dpor, loom, rc11, shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Bound, Exploration, Extent, FailureKind};
use cancelproof::platform::{Loom, Shuttle};

/// The outcomes of an exploration, and what the engine says of it.
struct Seen {
    outcomes: BTreeSet<String>,
    exploration: Exploration,
}

fn seen(program: fn() -> String, explore: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Exploration) -> Seen {
    let outcomes: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let kept = Arc::clone(&outcomes);
    let exploration = explore(Box::new(move || {
        let outcome = program();
        kept.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome);
    }));
    let outcomes = outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Seen { outcomes, exploration }
}

fn by_dpor(program: fn() -> String, options: &dpor::Options) -> Seen {
    seen(program, |body| dpor::explore(options, body))
}

fn by_rc11(program: fn() -> String, options: &rc11::Options) -> Seen {
    seen(program, |body| rc11::explore(options, body))
}

/// What an engine is expected to say of a program that does nothing wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// All outcomes, exhausted.
    All,
    /// Bounded, by the turns of a loop.
    SomeTurns,
    /// Bounded, by anything.
    Some,
}
use Says::{All, Some as Part, SomeTurns};

impl Seen {
    #[track_caller]
    fn assert(&self, engine: &str, truth: &[&str], says: Says) {
        let Seen { outcomes, exploration } = self;
        let truth: BTreeSet<String> = truth.iter().map(|&outcome| outcome.to_owned()).collect();
        assert_eq!(exploration.failure, None, "{engine}");
        assert!(outcomes.is_subset(&truth), "{engine}: {outcomes:?}");
        let is_as_expected = match (says, &exploration.extent) {
            (All, Extent::Exhausted) => *outcomes == truth,
            (SomeTurns, Extent::Bounded(Bound::Turns(_))) | (Part, Extent::Bounded(_)) => true,
            _ => false,
        };
        assert!(is_as_expected, "{engine} is to say {says:?}: {outcomes:?} {exploration:?}");
    }
}

/// One test for each program: the truth, and what dpor, rc11, loom and shuttle say. Whatever those two say, they refute
/// nothing and find nothing that is not there.
macro_rules! programs {
    ($($name:ident: $truth:expr, $dpor:expr, $rc11:expr;)*) => {
        $(
            #[test]
            fn $name() {
                let truth: &[&str] = &$truth;
                by_dpor(programs::$name::<Controlled>, &dpor::Options::default()).assert("dpor", truth, $dpor);
                by_rc11(programs::$name::<Controlled>, &rc11::Options::default()).assert("rc11", truth, $rc11);
                assert_witnesses(truth, programs::$name::<Loom>, programs::$name::<Shuttle>);
            }
        )*
    };
}

#[track_caller]
fn assert_witnesses(truth: &[&str], on_loom: fn() -> String, on_shuttle: fn() -> String) {
    let options = loom::Options { executions: Some(500), time: Some(Duration::from_secs(3)) };
    let by_loom = seen(on_loom, |body| loom::explore(options, body));
    let says = if by_loom.exploration.extent == Extent::Exhausted { All } else { Part };
    by_loom.assert("loom", truth, says);
    let options = shuttle::Options { executions: Some(500), time: Some(Duration::from_secs(3)) };
    let by_shuttle = seen(on_shuttle, |body| shuttle::explore(Strategy::DepthFirst, options, body));
    let says = if by_shuttle.exploration.extent == Extent::Exhausted { All } else { Part };
    by_shuttle.assert("shuttle", truth, says);
    for strategy in [
        Strategy::Random { seed: 7, samples: 20 },
        Strategy::Pct { seed: 7, samples: 20, depth: 2 },
        Strategy::RandomWalk { seed: 7, samples: 20 },
    ] {
        let sampled = seen(on_shuttle, |body| shuttle::explore(strategy, shuttle::Options::default(), body));
        assert_eq!(sampled.exploration.failure, None, "{strategy:?}");
    }
}

programs! {
    waits: ["done"], All, All;
    counts_turns: ["0", "1", "2", "3"], SomeTurns, SomeTurns;
    looks_twice_before: ["00", "01", "11"], All, All;
    turns_before: ["000", "001", "011", "111"], All, All;
    polls_thrice: ["0", "1"], All, All;
    works_under_a_lock: ["0", "1"], All, All;
    gives_up_soon: ["false", "true"], All, All;
    gives_up_late: ["false", "true"], SomeTurns, SomeTurns;
    waits_for_either: ["one", "two"], All, All;
    loops_in_a_loop: ["[1, 2]", "[2, 2]"], All, All;
    waits_by_recursion: ["0", "1", "2", "3"], SomeTurns, SomeTurns;
    counts_in_a_closure: ["0", "1", "2", "3"], SomeTurns, SomeTurns;
    counts_in_a_box: ["0", "1", "2", "3"], SomeTurns, SomeTurns;
    counts_in_a_list: ["0", "1", "2", "3"], SomeTurns, SomeTurns;
    gives_up_late_in_a_box: ["false", "true"], SomeTurns, SomeTurns;
    waits_beside_a_box: ["8"], All, All;
    counts_failures: ["00", "01", "10"], All, All;
    locks_by_ticket: ["01", "10"], All, All;
    waits_under_a_lock: ["done"], All, SomeTurns;
    waits_by_park: ["done"], All, All;
    writes_a_cell_each_turn: ["0", "1", "2", "3"], SomeTurns, SomeTurns;
    stores_9000: ["done"], All, All;
    stores_100000: ["done"], Part, Part;
}

/// loom is not asked: it shows histories that are impossible where a store races with a swap (loom issue 254).
#[test]
fn a_lock_by_swap_ends() {
    let truth = &["01", "10"];
    by_dpor(programs::locks_by_swap::<Controlled>, &dpor::Options::default()).assert("dpor", truth, All);
    by_rc11(programs::locks_by_swap::<Controlled>, &rc11::Options::default()).assert("rc11", truth, Part);
    let options = shuttle::Options { executions: Some(500), time: None };
    seen(programs::locks_by_swap::<Shuttle>, |body| shuttle::explore(Strategy::DepthFirst, options, body))
        .assert("shuttle", truth, Part);
}

/// Our own engines end where nothing yields; loom and shuttle are told by the page of limits.
#[test]
fn a_loop_without_a_yield_ends() {
    by_dpor(programs::spins::<Controlled>, &dpor::Options::default()).assert("dpor", &["done"], All);
    by_rc11(programs::spins::<Controlled>, &rc11::Options::default()).assert("rc11", &["done"], All);
}

/// A loop that counts is explored exactly by whoever asks for as many turns.
#[test]
fn a_loop_that_gives_up_late_is_explored_on_request() {
    let turns = 2_000;
    by_dpor(programs::gives_up_late::<Controlled>, &dpor::Options { turns, ..dpor::Options::default() })
        .assert("dpor", &["false", "true"], All);
}

/// Cutting loses nothing: without it the same outcomes come out, of the programs that end by themselves.
#[test]
fn what_is_cut_is_found_without_cutting() {
    for program in [
        programs::waits::<Controlled>,
        programs::looks_twice_before::<Controlled>,
        programs::turns_before::<Controlled>,
        programs::polls_thrice::<Controlled>,
        programs::waits_for_either::<Controlled>,
        programs::loops_in_a_loop::<Controlled>,
        programs::locks_by_swap::<Controlled>,
        programs::locks_by_ticket::<Controlled>,
        programs::waits_under_a_lock::<Controlled>,
    ] {
        let cut = by_dpor(program, &dpor::Options::default());
        let whole =
            by_dpor(program, &dpor::Options { cut_turns: false, turns: 4, ..dpor::Options::default() });
        assert_eq!(cut.outcomes, whole.outcomes);
        let cut = by_rc11(program, &rc11::Options::default());
        let whole =
            by_rc11(program, &rc11::Options { cut_turns: false, turns: 4, ..rc11::Options::default() });
        assert_eq!(cut.outcomes, whole.outcomes);
    }
}

/// Without cutting nothing that waits is exhausted: the switch does what it says.
#[test]
fn without_cutting_a_loop_is_bounded_by_its_turns() {
    let dpor_options = dpor::Options { cut_turns: false, turns: 4, ..dpor::Options::default() };
    let rc11_options = rc11::Options { cut_turns: false, turns: 4, ..rc11::Options::default() };
    for exploration in [
        by_dpor(programs::waits::<Controlled>, &dpor_options).exploration,
        by_rc11(programs::waits::<Controlled>, &rc11_options).exploration,
    ] {
        assert_eq!(exploration.extent, Extent::Bounded(Bound::Turns(4)));
    }
}

#[test]
fn threads_that_wait_for_each_other_are_a_livelock() {
    for exploration in [
        by_dpor(programs::waits_for_each_other::<Controlled>, &dpor::Options::default()).exploration,
        by_rc11(programs::waits_for_each_other::<Controlled>, &rc11::Options::default()).exploration,
    ] {
        let kind = exploration.failure.expect("the cycle is found").kind;
        assert!(matches!(kind, FailureKind::Unbounded { cycle: true, .. }), "{kind:?}");
    }
}

/// Whether they go on for ever is a matter of luck, so nothing is said of it.
#[test]
fn threads_that_give_way_to_each_other_are_no_livelock() {
    let options = dpor::Options { executions: Some(2_000), ..dpor::Options::default() };
    by_dpor(programs::gives_way::<Controlled>, &options).assert("dpor", &["done"], Part);
}

/// The ways in which several threads can go round in loops are beyond any patience, so the engines give up. rc11 comes to very
/// many whole executions of these programs before it cuts a loop, and does not wait for that.
#[test]
fn what_goes_round_in_too_many_ways_is_given_up() {
    let limit = Some(2_000);
    let dpor_options = dpor::Options { executions_with_turns: limit, ..dpor::Options::default() };
    let rc11_options = rc11::Options { executions_with_turns: limit, ..rc11::Options::default() };
    for (program, truth) in [
        (programs::gives_way::<Controlled> as fn() -> String, &["done"][..]),
        (programs::counts_at_a_lock::<Controlled>, &["0", "1", "2", "3"][..]),
    ] {
        let by_dpor = by_dpor(program, &dpor_options);
        by_dpor.assert("dpor", truth, Part);
        assert_eq!(by_dpor.exploration.extent, Extent::Bounded(Bound::Executions(2_000)));
        let by_rc11 = by_rc11(program, &rc11_options);
        by_rc11.assert("rc11", truth, Part);
        assert_eq!(by_rc11.exploration.extent, Extent::Bounded(Bound::Executions(2_000)));
        assert!(by_rc11.exploration.executions > 0);
    }
    // What is proved needs no turns to be cut, and no budget.
    let whole = by_dpor(
        programs::waits::<Controlled>,
        &dpor::Options { executions_with_turns: Some(1), ..dpor_options },
    );
    whole.assert("dpor", &["done"], All);
    let whole = by_rc11(
        programs::waits::<Controlled>,
        &rc11::Options { executions_with_turns: Some(1), ..rc11_options },
    );
    whole.assert("rc11", &["done"], All);
    assert!(dpor::Options::default().executions_with_turns.is_some());
    assert!(rc11::Options::default().executions_with_turns.is_some());
}

#[test]
fn a_lost_notification_is_a_deadlock() {
    let deadlock = |exploration: Exploration| match exploration.failure.map(|failure| failure.kind) {
        Some(FailureKind::Deadlock { .. }) => {}
        other => panic!("not a deadlock: {other:?}"),
    };
    deadlock(by_dpor(programs::loses_a_notification::<Controlled>, &dpor::Options::default()).exploration);
    deadlock(by_rc11(programs::loses_a_notification::<Controlled>, &rc11::Options::default()).exploration);
}
