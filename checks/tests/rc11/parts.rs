//! Explorations in parts: shards, interruptions, progress.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cancelproof::engine::rc11::{
    Coverage, Frontier, MergeError, Options, Progress, Shard, explore, explore_from, explore_with, merge,
};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Bound, Exploration, Extent};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime};

use crate::word::{Fault, drive};

const EXECUTIONS: u64 = 55_361;

fn body() {
    drive::<Controlled>(4, Fault::None);
}

fn shard(index: u32, fault: Fault) -> (Coverage, Exploration) {
    let options = Options { shard: Some(Shard { index, count: 3 }), ..Options::default() };
    let report = explore_from(&options, None, move || drive::<Controlled>(4, fault));
    (report.coverage.expect("the division became known"), report.exploration)
}

#[test]
fn shards_cover_everything_once() {
    let mut shards = [1, 2, 3].map(|index| shard(index, Fault::None)).to_vec();
    for (_, exploration) in &shards {
        assert_eq!(exploration.failure, None);
        assert!(matches!(exploration.extent, Extent::Bounded(Bound::Shard { count: 3, .. })));
        assert!(exploration.executions > 1_000, "{exploration:?}");
    }
    let whole = merge(&shards).expect("three of three");
    assert_eq!((whole.executions, whole.extent), (EXECUTIONS, Extent::Exhausted));
    assert_eq!(merge(&shards[..2]), Err(MergeError::Missing { index: 3, count: 3 }));
    shards[1].0.signature ^= 1;
    assert_eq!(merge(&shards), Err(MergeError::OtherSpace { first: 1, index: 2 }));
}

#[test]
fn shards_of_a_faulty_program_agree_on_the_division_and_one_finds_the_failure() {
    for fault in [Fault::RelaxedPublication, Fault::CancelByStore] {
        let whole = merge(&[1, 2, 3].map(|index| shard(index, fault))).expect("three of three");
        assert_eq!(whole.extent, Extent::StoppedAtFailure);
        assert!(whole.failure.is_some());
    }
}

#[test]
fn an_exploration_in_parts_comes_to_the_same_end() {
    for workers in [1, 2] {
        let options = Options { executions: Some(9_000), workers, ..Options::default() };
        let mut frontier: Option<Frontier> = None;
        let mut parts = 0;
        let exploration = loop {
            let report = explore_from(&options, frontier, body);
            parts += 1;
            if report.frontier.is_empty() {
                break report.exploration;
            }
            assert_eq!(report.exploration.extent, Extent::Bounded(Bound::Executions(9_000)));
            assert!(parts < 10, "each part explores more than it repeats");
            // A frontier crosses into another process as text.
            let text = serde_json::to_string(&report.frontier).expect("a frontier is plain data");
            frontier = Some(serde_json::from_str(&text).expect("what was written can be read"));
        };
        assert!(parts > 5, "{parts}");
        assert_eq!(exploration, explore(&Options::default(), body));
        assert_eq!(exploration.executions, EXECUTIONS);
    }
}

#[test]
fn a_failure_is_the_same_when_it_is_found_in_a_later_part() {
    let body = || drive::<Controlled>(4, Fault::StaleRetry);
    let whole = explore(&Options::default(), body);
    let options = Options { executions: Some(1_500), ..Options::default() };
    let mut report = explore_from(&options, None, body);
    while matches!(report.exploration.extent, Extent::Bounded(_)) {
        report = explore_from(&options, Some(report.frontier), body);
    }
    assert_eq!(report.exploration, whole);
}

#[test]
fn progress_comes_to_an_estimate_of_the_whole_and_of_the_time_left() {
    let seen: Mutex<Vec<Progress>> = Mutex::default();
    explore_with(&Options::default(), body, &|progress| {
        seen.lock().expect("no callback panics").push(progress);
    });
    let seen = seen.into_inner().expect("no callback panics");
    assert!(seen.is_sorted_by_key(|progress| progress.explored));
    let last = seen.last().expect("there was progress to tell");
    assert!((40_000..80_000).contains(&last.estimate.expect("an estimate")), "{last:?}");
    assert!(last.left.expect("time left") < last.elapsed, "{last:?}");
}

/// Each part has less to spend than a job takes, and still gets on.
#[test]
fn an_exploration_in_small_parts_comes_to_the_same_end() {
    let body = || drive::<Controlled>(2, Fault::None);
    let options = Options { executions: Some(1), ..Options::default() };
    let mut frontier: Option<Frontier> = None;
    let mut seen = 0;
    for _ in 0..10 {
        let report = explore_from(&options, frontier, body);
        assert!(report.exploration.executions > seen, "every part gets on");
        seen = report.exploration.executions;
        if report.frontier.is_empty() {
            assert_eq!(report.exploration, explore(&Options::default(), body));
            return;
        }
        let text = serde_json::to_string(&report.frontier).expect("a frontier is plain data");
        frontier = Some(serde_json::from_str(&text).expect("what was written can be read"));
    }
    panic!("{seen} executions after ten parts");
}

/// Threads that take turns for very long.
fn long_executions() {
    let word = Arc::new(<<Controlled as Runtime>::AtomicU32 as Atomic<u32>>::new(0));
    let writers = [1, 2].map(|value| {
        let word = Arc::clone(&word);
        Controlled::spawn(move || (0..4_000).for_each(|_| word.store(value, Ordering::Relaxed)))
    });
    writers.into_iter().for_each(JoinHandle::join);
}

/// Threads of which each execution is short, and there is no end of executions.
fn many_executions() {
    let word = Arc::new(<<Controlled as Runtime>::AtomicU32 as Atomic<u32>>::new(0));
    let adders = [(); 6].map(|()| {
        let word = Arc::clone(&word);
        Controlled::spawn(move || {
            (0..3).for_each(|_| {
                word.fetch_add(1, Ordering::Relaxed);
            });
        })
    });
    adders.into_iter().for_each(JoinHandle::join);
}

/// Whatever takes the processor away from an exploration makes it late, so the best of a few counts.
fn keeps_its_time(time: Duration, body: fn()) -> bool {
    (0..6).any(|_| {
        let begin = Instant::now();
        let exploration = explore(&Options { time: Some(time), ..Options::default() }, body);
        let elapsed = begin.elapsed();
        assert_eq!(exploration.extent, Extent::Bounded(Bound::Milliseconds(time.as_millis() as u64)));
        elapsed < time + time / 10
    })
}

#[test]
fn the_time_is_kept_within_a_tenth_whether_executions_are_long_or_many() {
    let time = Duration::from_secs(1);
    assert!(keeps_its_time(time, long_executions), "of long executions");
    assert!(keeps_its_time(time, many_executions), "of many executions");
}
