//! The results do not depend on how an exploration is run: workers, shards, interruptions, bounds, symmetry.

use core::sync::atomic::Ordering::{Acquire, Release};
use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use cancelproof::engine::dpor::{
    Coverage, Frontier, MergeError, Options, Preemptions, Progress, Shard, explore, explore_from, merge,
};
use cancelproof::engine::shuttle::{self, Strategy};
use cancelproof::executor::{Controlled, TaskSet};
use cancelproof::exploration::{Bound, Exploration, Extent};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime};
use cancelproof::operation::TaskId;
use cancelproof::platform::Shuttle;

use crate::program::{Numbers, Program, Step, run};
use crate::traces::{Host, Outcomes, explore_program};
use crate::word_request::drive;

fn word_request() {
    drive::<Controlled>(3);
}

const WORD_REQUEST_EXECUTIONS: u64 = 3_571;

fn workers(workers: usize) -> Options {
    Options { workers, ..Options::default() }
}

#[test]
fn workers_change_nothing() {
    let alone = explore(&workers(1), word_request);
    assert_eq!(alone.executions, WORD_REQUEST_EXECUTIONS);
    for count in [2, 3] {
        assert_eq!(explore(&workers(count), word_request), alone);
    }
}

/// Many executions fail; all numbers of workers report the same one.
fn rarely_failing() {
    let word = Arc::new(<Controlled as Runtime>::AtomicU32::new(1));
    let children: Vec<_> = (0..4)
        .map(|number| {
            let word = Arc::clone(&word);
            Controlled::spawn(move || {
                let seen = word.load(Acquire);
                word.store(seen * 3 + number, Release);
            })
        })
        .collect();
    for child in children {
        child.join();
    }
    assert_ne!(word.load(Acquire) % 11, 5);
}

#[test]
fn workers_report_the_same_first_failure() {
    let alone = explore(&workers(1), rarely_failing);
    assert!(alone.failure.is_some());
    for count in [2, 3] {
        assert_eq!(explore(&workers(count), rarely_failing), alone);
    }
}

fn shard(index: u32, count: u32) -> (Coverage, Exploration) {
    let estimates: Arc<Mutex<Vec<Option<u64>>>> = Arc::default();
    let keep = Arc::clone(&estimates);
    let on_progress = Arc::new(move |progress: &Progress| {
        keep.lock().expect("no panic inside").push(progress.estimate);
    });
    let options =
        Options { shard: Some(Shard { index, count }), on_progress: Some(on_progress), ..Options::default() };
    let report = explore_from(&options, None, word_request);
    let estimates = estimates.lock().expect("no panic inside");
    assert_eq!(estimates.last(), Some(&Some(report.exploration.executions)), "{estimates:?}");
    (report.coverage.expect("a shard covers something"), report.exploration)
}

#[test]
fn shards_cover_everything_once() {
    let mut shards: Vec<_> = (1..=3).map(|index| shard(index, 3)).collect();
    for (_, exploration) in &shards {
        assert!(matches!(exploration.extent, Extent::Bounded(Bound::Shard { count: 3, .. })));
        assert!((500..2_500).contains(&exploration.executions), "{exploration:?}");
    }
    let whole = merge(&shards).expect("three of three");
    assert_eq!((whole.executions, whole.extent), (WORD_REQUEST_EXECUTIONS, Extent::Exhausted));

    assert_eq!(merge(&shards[..2]), Err(MergeError::Missing { index: 3, count: 3 }));
    shards.push(shards[0].clone());
    assert_eq!(merge(&shards), Err(MergeError::Twice { index: 1 }));
    shards[3].0.signature ^= 1;
    assert_eq!(merge(&shards), Err(MergeError::OtherSpace { first: 1, index: 1 }));
    assert_eq!(merge(&[]), Err(MergeError::NoShards));
}

#[test]
fn budget_of_executions_is_exact_and_can_be_continued() {
    let options = Options { executions: Some(1_000), ..Options::default() };
    let mut frontier: Option<Frontier> = None;
    for part in 1..=4 {
        let report = explore_from(&options, frontier, word_request);
        let exploration = report.exploration;
        assert_eq!(exploration.executions, (part * 1_000).min(WORD_REQUEST_EXECUTIONS));
        if part < 4 {
            assert_eq!(exploration.extent, Extent::Bounded(Bound::Executions(1_000)));
        } else {
            assert_eq!(exploration.extent, Extent::Exhausted);
            assert!(report.frontier.is_empty());
        }
        // A frontier crosses into another process as text.
        let text = serde_json::to_string(&report.frontier).expect("a frontier is plain data");
        frontier = Some(serde_json::from_str(&text).expect("what was written can be read"));
    }
}

#[test]
fn budget_of_time_ends_as_bounded() {
    let options = Options { time: Some(Duration::from_millis(1)), ..Options::default() };
    let exploration = explore(&options, || {
        drive::<Controlled>(5);
    });
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Milliseconds(1)));
    assert!(exploration.executions < 100_000);
}

#[test]
fn progress_counts_up_and_its_estimate_ends_at_the_truth() {
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let keep = Arc::clone(&seen);
    let on_progress = Arc::new(move |progress: &Progress| {
        keep.lock().expect("no panic inside").push(progress.clone());
    });
    explore(&Options { on_progress: Some(on_progress), ..Options::default() }, word_request);
    let seen = seen.lock().expect("no panic inside");
    assert!(seen.len() > 1);
    assert!(seen.is_sorted_by_key(|progress| progress.explored));
    let last = seen.last().expect("not empty");
    assert_eq!(
        (last.explored, last.pending, last.estimate, last.left),
        (WORD_REQUEST_EXECUTIONS, 0, Some(WORD_REQUEST_EXECUTIONS), Some(Duration::ZERO))
    );
}

/// The outcomes of shuttle's own depth-first search.
fn outcomes_by_depth_first_search(program: &Program) -> BTreeSet<crate::program::Outcome> {
    let outcomes = Outcomes::default();
    let (program, set) = (program.clone(), outcomes.clone());
    let exploration = shuttle::explore(Strategy::DepthFirst, shuttle::Options::default(), move || {
        set.set(run::<Shuttle>(&program));
        set.keep();
    });
    assert_eq!(exploration.extent, Extent::Exhausted, "{exploration:?}");
    outcomes.take()
}

#[test]
fn outcomes_are_those_of_a_search_without_reduction() {
    let kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Exchange(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8),
        |_| Step::Locked(0),
    ];
    let mut numbers = Numbers(11);
    for place in 0..30 {
        let (threads, steps) = if place < 25 { (2, 3) } else { (3, 1) };
        let program = numbers.program(threads, steps, &kinds);
        let (_, outcomes) = explore_program(Host::OurExecutor, &Options::default(), &program);
        assert_eq!(outcomes, outcomes_by_depth_first_search(&program), "{program:?}");
    }
}

fn symmetric(tasks: impl IntoIterator<Item = u8>) -> Vec<TaskSet> {
    vec![tasks.into_iter().map(TaskId).collect()]
}

/// Equal threads make fewer executions, and the same outcomes but for their names.
#[test]
fn symmetry_keeps_the_outcomes_up_to_names() {
    let kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Add(numbers.below(2), 1),
        |numbers| Step::Exchange(numbers.below(2), numbers.below(2) as u8, 1 + numbers.below(2) as u8),
        |_| Step::Locked(0),
    ];
    let mut numbers = Numbers(12);
    let (mut with, mut without) = (0, 0);
    for _ in 0..40 {
        let mut program = numbers.program(2, 3, &kinds);
        // The first thread alone, the second three times over.
        program[1].truncate(2);
        program.push(program[1].clone());
        program.push(program[1].clone());
        let (all, all_outcomes) = explore_program(Host::OurExecutor, &Options::default(), &program);
        let options = Options { symmetric: symmetric(2..=4), ..Options::default() };
        let (some, some_outcomes) = explore_program(Host::OurExecutor, &options, &program);
        let up_to_names = |outcomes: BTreeSet<crate::program::Outcome>| -> BTreeSet<_> {
            outcomes
                .into_iter()
                .map(|mut outcome| {
                    outcome[1..].sort();
                    outcome
                })
                .collect()
        };
        assert_eq!(up_to_names(all_outcomes), up_to_names(some_outcomes), "{program:?}");
        assert!(some.executions <= all.executions, "{program:?}");
        with += some.executions;
        without += all.executions;
    }
    assert!(with * 2 < without, "{with} executions with symmetry, {without} without");
}

#[test]
fn symmetry_of_cancels_makes_fewer_executions() {
    let options = Options { symmetric: symmetric(1..=3), ..Options::default() };
    let exploration = explore(&options, word_request);
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted));
    assert!(exploration.executions * 3 < WORD_REQUEST_EXECUTIONS, "{} executions", exploration.executions);
}

/// Counts the interleavings of two threads of `steps` steps on one atomic, by preemptions.
fn two_threads(bound: u32, steps: usize) -> Exploration {
    let program = vec![vec![Step::Add(0, 1); steps]; 2];
    let options = Options { preemptions: Preemptions::UpTo(bound), ..Options::default() };
    explore_program(Host::OurExecutor, &options, &program).0
}

/// Two threads of two steps have 2 orders without a preemption, 2 more with one (a thread is interrupted once, the
/// other one runs to its end), and 2 more with two.
#[test]
fn bounds_on_preemptions_are_counted_by_hand() {
    let counted = |bound| {
        let exploration = two_threads(bound, 2);
        (exploration.executions, exploration.extent)
    };
    assert_eq!(counted(0), (2, Extent::Bounded(Bound::Preemptions(0))));
    assert_eq!(counted(1), (2 + 4, Extent::Bounded(Bound::Preemptions(1))));
    // The bound of two cuts nothing any more.
    assert_eq!(counted(2), (2 + 4 + 6, Extent::Exhausted));
    assert_eq!(counted(9), (2 + 4 + 6, Extent::Exhausted));
}

/// Switches at blocking points and after yields are free: a bound of 0 still sees both orders of these.
#[test]
fn blocking_and_yielding_are_no_preemptions() {
    let program = vec![vec![Step::Add(0, 1), Step::Await(1, 1)], vec![Step::Add(0, 1), Step::Store(1, 1)]];
    let options = Options { preemptions: Preemptions::UpTo(0), ..Options::default() };
    let (exploration, outcomes) = explore_program(Host::OurExecutor, &options, &program);
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Preemptions(0)));
    assert_eq!(outcomes, BTreeSet::from([vec![vec![0], vec![1]], vec![vec![1], vec![0]]]));
}

/// Deepening until nothing is cut gives the outcomes of the reduced search, on programs that block and yield.
#[test]
fn deepening_to_the_end_sees_all_outcomes() {
    let kinds: Vec<fn(&mut Numbers) -> Step> = vec![
        |numbers| Step::Load(numbers.below(2)),
        |numbers| Step::Store(numbers.below(2), 1 + numbers.below(2) as u8),
        |numbers| Step::Add(numbers.below(2), 1),
        |_| Step::Locked(0),
    ];
    let mut numbers = Numbers(13);
    for _ in 0..20 {
        let mut program = numbers.program(3, 2, &kinds);
        program[0].push(Step::Store(2, 1));
        program[1].push(Step::Await(2, 1));
        let options = Options { preemptions: Preemptions::UpTo(20), ..Options::default() };
        let (bounded, bounded_outcomes) = explore_program(Host::OurExecutor, &options, &program);
        let (reduced, outcomes) = explore_program(Host::OurExecutor, &Options::default(), &program);
        assert_eq!((bounded.extent, reduced.extent), (Extent::Exhausted, Extent::Exhausted));
        assert_eq!(bounded_outcomes, outcomes, "{program:?}");
        assert!(reduced.executions <= bounded.executions, "{program:?}");
    }
}

/// Every execution that counts is announced once, on whatever thread ran it.
#[test]
fn every_execution_is_announced() {
    let announced = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&announced);
    let on_execution = Arc::new(move |_: &cancelproof::engine::dpor::Execution<'_>| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    explore(&Options { workers: 2, on_execution: Some(on_execution), ..Options::default() }, word_request);
    assert_eq!(announced.load(Ordering::Relaxed), WORD_REQUEST_EXECUTIONS);
}

/// Threads that take turns for very long.
fn long_executions() {
    let word = Arc::new(<<Controlled as Runtime>::AtomicU32 as Atomic<u32>>::new(0));
    let writers = [1, 2].map(|value| {
        let word = Arc::clone(&word);
        Controlled::spawn(move || (0..8_000).for_each(|_| word.store(value, Ordering::Relaxed)))
    });
    writers.into_iter().for_each(JoinHandle::join);
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
    let many = || {
        drive::<Controlled>(5);
    };
    assert!(keeps_its_time(time, many), "of many executions");
}

/// Budgets that are a small part of what a worker explores at once.
#[test]
fn every_part_gets_on_by_its_whole_budget_however_small() {
    for budget in [1, 7] {
        let options = Options { executions: Some(budget), ..Options::default() };
        let mut frontier: Option<Frontier> = None;
        for part in 1.. {
            let report = explore_from(&options, frontier, word_request);
            assert_eq!(report.exploration.executions, (part * budget).min(WORD_REQUEST_EXECUTIONS));
            if report.frontier.is_empty() {
                assert_eq!(report.exploration.extent, Extent::Exhausted);
                break;
            }
            frontier = Some(report.frontier);
        }
    }
}
