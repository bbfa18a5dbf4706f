//! Races, locks, waiting, deadlocks, budgets, workers and replay.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use std::time::Duration;

use cancelproof::engine::rc11::{Options, explore, replay};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Bound, Exploration, Extent, FailureKind};
use cancelproof::model::runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread};

use crate::word::{Fault, drive};

type Word = <Controlled as Runtime>::AtomicU32;
type Lock<T> = <Controlled as Runtime>::Mutex<T>;

fn word(value: u32) -> Arc<Word> {
    Arc::new(<Word as Atomic<u32>>::new(value))
}

fn explored(body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore(&Options::default(), body)
}

#[track_caller]
fn assert_exhausted(exploration: &Exploration, executions: u64) {
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert_eq!(exploration.executions, executions, "{exploration:?}");
}

fn faulty(fault: Fault, options: &Options) -> Exploration {
    explore(options, move || drive::<Controlled>(2, fault))
}

/// The line of this file or the fixture at the end of `file:line:column`.
fn file_and_line(place: Option<&String>) -> (String, u32) {
    let place = place.expect("the engine knows both places");
    let mut parts = place.rsplit(':');
    let line = parts.nth(1).and_then(|line| line.parse().ok()).expect("a place ends with line and column");
    (parts.next().expect("a place begins with a file").to_owned(), line)
}

#[test]
fn relaxed_publication_is_a_data_race_with_both_lines() {
    for retry_loops in [false, true] {
        let exploration = faulty(Fault::RelaxedPublication, &Options { retry_loops, ..Options::default() });
        let failure = exploration.failure.expect("the fault is found");
        let FailureKind::DataRace { first, second } = &failure.kind else { panic!("{failure:?}") };
        let (first, second) = (file_and_line(first.as_ref()), file_and_line(second.as_ref()));
        assert!(first.0.ends_with("word.rs") && second.0.ends_with("word.rs"));
        assert_ne!(first.1, second.1, "the publication and the taking are on different lines");
    }
}

#[test]
fn faults_of_the_word_request_are_found_with_and_without_recognised_retries() {
    for fault in [Fault::CancelByStore, Fault::StaleRetry] {
        for retry_loops in [false, true] {
            let exploration = faulty(fault, &Options { retry_loops, ..Options::default() });
            assert!(exploration.failure.is_some(), "{fault:?} with retry_loops = {retry_loops}");
        }
    }
}

#[test]
fn decisions_of_a_failure_replay_it() {
    for fault in [Fault::RelaxedPublication, Fault::CancelByStore, Fault::StaleRetry] {
        for retry_loops in [false, true] {
            let options = Options { retry_loops, ..Options::default() };
            let failure = faulty(fault, &options).failure.expect("the fault is found");
            let again = replay(&options, &failure.decisions, move || drive::<Controlled>(2, fault));
            assert_eq!(again.failure.expect("the replay fails").kind, failure.kind);
        }
    }
}

#[test]
fn decisions_of_another_body_are_nondeterminism() {
    let failure = faulty(Fault::RelaxedPublication, &Options::default()).failure.expect("the fault is found");
    let again = replay(&Options::default(), &failure.decisions, || {
        word(0).load(Relaxed);
    });
    let kind = again.failure.expect("the decisions do not fit").kind;
    assert!(matches!(kind, FailureKind::Nondeterminism { .. }), "{kind:?}");
}

#[test]
fn lock_sections_have_one_execution_for_each_order() {
    let sections = |threads: u32| {
        move || {
            let lock = Arc::new(<Lock<u32> as Mutex<u32>>::new(0));
            let handles: Vec<_> = (0..threads)
                .map(|_| {
                    let lock = Arc::clone(&lock);
                    Controlled::spawn(move || *lock.lock() += 1)
                })
                .collect();
            handles.into_iter().for_each(JoinHandle::join);
            assert_eq!(*lock.lock(), threads);
        }
    };
    assert_exhausted(&explored(sections(2)), 2);
    assert_exhausted(&explored(sections(3)), 6);
    assert_exhausted(&explored(sections(4)), 24);
}

#[test]
fn locks_taken_in_opposite_orders_deadlock() {
    let exploration = explored(|| {
        let locks = Arc::new([0, 1].map(|_| <Lock<()> as Mutex<()>>::new(())));
        let other = Arc::clone(&locks);
        let handle = Controlled::spawn(move || {
            let _first = other[1].lock();
            let _second = other[0].lock();
        });
        {
            let _first = locks[0].lock();
            let _second = locks[1].lock();
        }
        handle.join();
    });
    let kind = exploration.failure.expect("the deadlock is found").kind;
    let FailureKind::Deadlock { blocked } = kind else { panic!("{kind:?}") };
    assert_eq!(blocked.len(), 2, "{blocked:?}");
}

#[test]
fn a_lock_orders_what_it_protects() {
    let exploration = explored(|| {
        let shared = Arc::new((<Lock<bool> as Mutex<bool>>::new(false), word(0)));
        let other = Arc::clone(&shared);
        let handle = Controlled::spawn(move || {
            other.1.store(1, Relaxed);
            *other.0.lock() = true;
        });
        if *shared.0.lock() {
            assert_eq!(shared.1.load(Relaxed), 1, "the lock publishes the store");
        }
        handle.join();
    });
    assert_exhausted(&exploration, 2);
}

#[test]
fn a_token_is_waited_for_and_orders_memory() {
    let body = || {
        let data = word(0);
        let (main, copy) = (Controlled::current(), Arc::clone(&data));
        let handle = Controlled::spawn(move || {
            copy.store(1, Relaxed);
            main.unpark();
        });
        Controlled::park();
        assert_eq!(data.load(Relaxed), 1, "the token publishes the store");
        handle.join();
    };
    let options = Options { spurious_wakeups: false, ..Options::default() };
    assert_exhausted(&explore(&options, body), 1);
    assert!(explored(body).failure.is_some(), "a park that ends spuriously has seen nothing");
}

#[test]
fn a_token_that_nobody_gives_is_a_deadlock() {
    let exploration = explored(Controlled::park);
    let kind = exploration.failure.expect("the deadlock is found").kind;
    assert!(matches!(kind, FailureKind::Deadlock { .. }), "{kind:?}");
}

/// A flag under a lock, and a condition variable to wait for it.
type Event = (Lock<bool>, <Controlled as Runtime>::Condvar);

fn event() -> Arc<Event> {
    Arc::new((
        <Lock<bool> as Mutex<bool>>::new(false),
        <<Controlled as Runtime>::Condvar as Condvar<Controlled>>::new(),
    ))
}

fn await_event(event: &Event) {
    let mut is_set = event.0.lock();
    while !*is_set {
        is_set = event.1.wait(is_set);
    }
}

#[test]
fn a_waiter_is_woken_whenever_it_began_to_wait() {
    let exploration = explored(|| {
        let event = event();
        let waiter = {
            let event = Arc::clone(&event);
            Controlled::spawn(move || await_event(&event))
        };
        *event.0.lock() = true;
        event.1.notify_one();
        waiter.join();
    });
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert!(exploration.executions >= 2, "{exploration:?}");
}

#[test]
fn one_notification_for_two_waiters_leaves_one_waiting() {
    let exploration = explored(|| {
        let event = event();
        let waiters = [0, 1].map(|_| {
            let event = Arc::clone(&event);
            Controlled::spawn(move || await_event(&event))
        });
        *event.0.lock() = true;
        event.1.notify_one();
        waiters.into_iter().for_each(JoinHandle::join);
    });
    let kind = exploration.failure.expect("the deadlock is found").kind;
    assert!(matches!(kind, FailureKind::Deadlock { .. }), "{kind:?}");
}

#[test]
fn two_notified_waiters_both_go_on() {
    let exploration = explored(|| {
        let event = event();
        let waiters = [0, 1].map(|_| {
            let event = Arc::clone(&event);
            Controlled::spawn(move || await_event(&event))
        });
        *event.0.lock() = true;
        event.1.notify_all();
        waiters.into_iter().for_each(JoinHandle::join);
    });
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
}

#[test]
fn a_loop_that_waits_for_a_flag_ends_when_the_flag_is_set() {
    let exploration = explored(|| {
        let flag = word(0);
        let copy = Arc::clone(&flag);
        let handle = Controlled::spawn(move || copy.store(1, Release));
        while flag.load(Acquire) == 0 {
            Controlled::yield_now();
        }
        handle.join();
    });
    // The flag is found set at once, or after one turn; further turns change nothing.
    assert_exhausted(&exploration, 2);
}

#[test]
fn a_loop_that_waits_for_nothing_is_a_cycle() {
    let exploration = explored(|| {
        let flag = word(0);
        while flag.load(Acquire) == 0 {
            Controlled::yield_now();
        }
    });
    let kind = exploration.failure.expect("the cycle is found").kind;
    assert!(matches!(kind, FailureKind::Unbounded { cycle: true, .. }), "{kind:?}");
}

#[test]
fn a_loop_that_gives_up_is_not_taken_for_one_that_waits() {
    let exploration = explored(|| {
        let flag = word(0);
        let turns = (0..5).take_while(|_| flag.load(Acquire) == 0).count();
        assert_ne!(turns, 5, "the loop gave up");
    });
    let kind = exploration.failure.expect("the loop gives up").kind;
    assert!(matches!(kind, FailureKind::Panic { .. }), "{kind:?}");
}

#[test]
fn spurious_failures_are_explored_unless_they_are_switched_off() {
    let body = || {
        let flag = word(0);
        assert!(flag.compare_exchange_weak(0, 1, AcqRel, Acquire).is_ok(), "it failed spuriously");
    };
    assert_exhausted(&explore(&Options { spurious_failures: false, ..Options::default() }, body), 1);
    assert!(explored(body).failure.is_some());
}

#[test]
fn a_budget_that_runs_out_is_a_bound_and_never_exhausted() {
    let body = || drive::<Controlled>(4, Fault::None);
    let exploration = explore(&Options { executions: Some(1_000), ..Options::default() }, body);
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Executions(1_000)));
    let exploration = explore(&Options { time: Some(Duration::ZERO), ..Options::default() }, body);
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Milliseconds(0)));
    let exploration = explore(&Options { steps: 12, ..Options::default() }, body);
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Steps(12)));
}

#[test]
fn results_do_not_depend_on_the_number_of_workers() {
    for fault in [Fault::None, Fault::RelaxedPublication, Fault::CancelByStore] {
        for retry_loops in [false, true] {
            let with = |workers| {
                let options = Options { workers, retry_loops, ..Options::default() };
                explore(&options, move || drive::<Controlled>(4, fault))
            };
            assert_eq!(with(1), with(2), "{fault:?}");
        }
    }
}

/// Notes in plain memory, taken right after each operation, explain every value that a sequentially consistent
/// program reads.
#[test]
fn plain_memory_sees_an_interleaving_where_there_is_one() {
    let exploration = explored(|| {
        let shared = Arc::new(([0, 0].map(<Word as Atomic<u32>>::new), [0, 0].map(AtomicU32::new)));
        let start = |one: usize, value: u32| {
            let shared = Arc::clone(&shared);
            Controlled::spawn(move || {
                let (words, notes) = &*shared;
                for (written, read) in [(one, 1 - one), (1 - one, one), (one, one)] {
                    words[written].store(value + written as u32, SeqCst);
                    notes[written].store(value + written as u32, Relaxed);
                    assert_eq!(
                        words[read].load(SeqCst),
                        notes[read].load(Relaxed),
                        "the notes are of the same order"
                    );
                }
                words[one].fetch_add(1, SeqCst);
                notes[one].fetch_add(1, Relaxed);
            })
        };
        let handles = [start(0, 10), start(1, 20)];
        handles.into_iter().for_each(JoinHandle::join);
    });
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert!(exploration.executions > 50, "{exploration:?}");
}
