//! What is claimed after each kind of search.

use super::*;
use cancelproof_runtime::{Atomic, JoinHandle, Runtime, Thread};
use std::sync::atomic::Ordering::Relaxed;

use crate::platform::Shuttle;

type Word = <Shuttle as Runtime>::AtomicU8;

/// Two threads with one swap each; fails when the spawned one comes second.
fn two_swaps(fails: bool) -> impl Fn() + Send + Sync + 'static {
    move || {
        let word = Arc::new(<Word as Atomic<u8>>::new(0));
        let other = Shuttle::spawn({
            let word = Arc::clone(&word);
            move || word.swap(1, Relaxed)
        });
        word.swap(2, Relaxed);
        assert!(other.join() == 0 || !fails, "the spawned thread came second");
    }
}

#[test]
fn depth_first_ends_by_itself_and_is_exhausted() {
    let exploration = explore(Strategy::DepthFirst, Options::default(), two_swaps(false));
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert_eq!(exploration.executions, 3);
}

#[test]
fn depth_first_with_a_budget_is_bounded() {
    let options = Options { executions: Some(2), time: None };
    let exploration = explore(Strategy::DepthFirst, options, two_swaps(false));
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Executions(2)));
    assert_eq!(exploration.executions, 2);
}

#[test]
fn sampling_never_claims_more_than_samples() {
    for strategy in [
        Strategy::Random { seed: 7, samples: 5 },
        Strategy::Pct { seed: 7, samples: 5, depth: 2 },
        Strategy::RandomWalk { seed: 7, samples: 5 },
    ] {
        let exploration = explore(strategy, Options::default(), two_swaps(false));
        assert_eq!(exploration.extent, Extent::Sampled);
        assert_eq!(exploration.executions, 5);
        assert_eq!(exploration, explore(strategy, Options::default(), two_swaps(false)));
    }
}

#[test]
fn the_decisions_of_a_failure_replay_it() {
    let found = explore(Strategy::DepthFirst, Options::default(), two_swaps(true));
    let failure = found.failure.expect("one of the two orders fails");
    let again = replay(&failure.decisions, two_swaps(true)).failure.expect("the same schedule fails again");
    assert_eq!(again.kind, failure.kind);
    assert_eq!(again.kind, FailureKind::Panic { message: "the spawned thread came second".to_owned() });
}

#[test]
fn a_deadlock_is_told_from_a_panic() {
    let found = explore(Strategy::DepthFirst, Options::default(), || {
        let lock = <<Shuttle as Runtime>::Mutex<u8> as cancelproof_runtime::Mutex<u8>>::new(0);
        let _held = cancelproof_runtime::Mutex::lock(&lock);
        let _again = cancelproof_runtime::Mutex::lock(&lock);
    });
    let kind = found.failure.map(|failure| failure.kind);
    assert!(matches!(kind, Some(FailureKind::Deadlock { .. })), "{kind:?}");
}

#[test]
fn what_does_not_end_is_explored_up_to_so_many_preemptions() {
    /// Two threads that take turns at one word; fails if the other one comes between twice.
    fn turns(fails: bool) -> impl Fn() + Send + Sync + 'static {
        move || {
            let word = Arc::new(<Word as Atomic<u8>>::new(0));
            let other = Shuttle::spawn({
                let word = Arc::clone(&word);
                move || (0..5).map(|_| word.fetch_add(1, Relaxed)).max()
            });
            let seen: Vec<u8> = (0..5).map(|_| word.fetch_add(1, Relaxed)).collect();
            other.join();
            let between = seen.windows(2).filter(|pair| pair[1] - pair[0] > 1).count();
            assert!(!fails || between < 2, "the other came between twice");
        }
    }
    let options = Options { executions: Some(100), time: None };
    let exploration = explore_then_rising(options, turns(false));
    assert!(matches!(exploration.extent, Extent::Bounded(Bound::Preemptions(1..))), "{exploration:?}");
    assert!(exploration.executions <= 200, "{exploration:?}");
    let all = explore_then_rising(Options::default(), turns(false));
    assert_eq!(all.extent, Extent::Exhausted);
    let failing = explore_then_rising(options, turns(true));
    assert_eq!(failing.extent, Extent::StoppedAtFailure, "{failing:?}");
}

/// Main parks until it is told, and looks and parks again after each end of a park that came by itself: with those there is no
/// longest execution.
fn waits_by_parking(is_woken: bool) -> Exploration {
    explore(Strategy::DepthFirst, Options::default(), move || {
        let word = Arc::new(<Word as Atomic<u8>>::new(0));
        let main = Shuttle::current();
        let other = Shuttle::spawn({
            let word = Arc::clone(&word);
            move || {
                word.store(1, Relaxed);
                if is_woken {
                    main.unpark();
                }
            }
        });
        while word.load(Relaxed) == 0 {
            Shuttle::park();
        }
        other.join();
    })
}

#[test]
fn a_search_of_a_thread_that_parks_ends_and_finds_that_nobody_wakes_it() {
    let woken = waits_by_parking(true);
    assert_eq!((woken.extent, woken.abandoned), (Extent::Exhausted, 0));
    let asleep = waits_by_parking(false).failure.map(|failure| failure.kind);
    assert!(matches!(asleep, Some(FailureKind::Deadlock { .. })), "{asleep:?}");
}
