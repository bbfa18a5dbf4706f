//! What the engine finds, and that it finds it for the right reason.

use core::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};
use std::sync::Arc;

use cancelproof::engine::dpor::{Options, ReplayOutcome, explore, explore_on_shuttle, replay};
use cancelproof::executor::{Controlled, STACK_BYTES_DEFAULT};
use cancelproof::exploration::{Exploration, Extent, Failure, FailureKind};
use cancelproof::lens::Lens;
use cancelproof::model::runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread, UnsafeCell};
use cancelproof::platform::Shuttle;

/// Explores the same body on both hosts, and checks that they agree and that the failure, if there is one, happens
/// again when it is replayed.
macro_rules! explore_both {
    ($options:expr, $body:ident) => {{
        let options: Options = $options;
        let ours = explore(&options, $body::<Controlled>);
        let shuttle = explore_on_shuttle(&options, $body::<Lens<Shuttle>>);
        assert_eq!(ours, shuttle);
        if let Some(Failure { kind, decisions, .. }) = &ours.failure {
            let again = replay(decisions, STACK_BYTES_DEFAULT, $body::<Controlled>).outcome;
            match kind {
                FailureKind::Unbounded { .. } => assert_eq!(again, ReplayOutcome::RanOut),
                _ => assert_eq!(again, ReplayOutcome::Failed(kind.clone())),
            }
        }
        ours
    }};
}

fn failure(exploration: Exploration) -> FailureKind {
    assert_eq!(exploration.extent, Extent::StoppedAtFailure);
    exploration.failure.expect("a failure").kind
}

/// A cell handed over by a flag, written and read with these orderings.
struct HandOver<R: Runtime> {
    flag: R::AtomicU8,
    cell: R::UnsafeCell<u32>,
}

// SAFETY: whether the accesses are ordered is what the tests are about; all tasks run on one thread.
unsafe impl<R: Runtime> Sync for HandOver<R> {}
// SAFETY: as above.
unsafe impl<R: Runtime> Send for HandOver<R> {}

impl<R: Runtime> HandOver<R> {
    fn run(give: impl Fn(&Self) + Send + 'static, take: impl Fn(&Self) -> bool) -> bool {
        let shared = Arc::new(HandOver::<R> { flag: Atomic::new(0), cell: UnsafeCell::new(0) });
        let giver = Arc::clone(&shared);
        let child = R::spawn(move || {
            // SAFETY: see the type.
            giver.cell.with_mut(|value| unsafe { *value = 7 });
            give(&giver);
        });
        let taken = take(&shared);
        if taken {
            // SAFETY: see the type.
            assert_eq!(shared.cell.with(|value| unsafe { *value }), 7);
        }
        child.join();
        taken
    }
}

fn hand_over<R: Runtime>(store: Ordering, load: Ordering) {
    HandOver::<R>::run(move |shared| shared.flag.store(1, store), |shared| shared.flag.load(load) == 1);
}

fn hand_over_released<R: Runtime>() {
    hand_over::<R>(Release, Acquire);
}

fn hand_over_relaxed_store<R: Runtime>() {
    hand_over::<R>(Relaxed, Acquire);
}

fn hand_over_relaxed_load<R: Runtime>() {
    hand_over::<R>(Release, Relaxed);
}

fn hand_over_by_fences<R: Runtime>() {
    HandOver::<R>::run(
        |shared| {
            R::fence(Release);
            shared.flag.store(1, Relaxed);
        },
        |shared| {
            let taken = shared.flag.load(Relaxed) == 1;
            R::fence(Acquire);
            taken
        },
    );
}

fn hand_over_by_a_late_fence<R: Runtime>() {
    HandOver::<R>::run(
        |shared| {
            shared.flag.store(1, Relaxed);
            R::fence(Release);
        },
        |shared| shared.flag.load(Acquire) == 1,
    );
}

/// What comes after the release is not released.
fn hand_over_too_early<R: Runtime>() {
    HandOver::<R>::run(
        |shared| {
            shared.flag.store(1, Release);
            // SAFETY: see the type.
            shared.cell.with_mut(|value| unsafe { *value = 7 });
        },
        |shared| shared.flag.load(Acquire) == 1,
    );
}

/// The taker reads a relaxed increment of a released value: part of the release sequence.
fn hand_over_by_a_release_sequence<R: Runtime>() {
    HandOver::<R>::run(
        |shared| {
            shared.flag.store(1, Release);
            shared.flag.fetch_add(1, Relaxed);
        },
        |shared| shared.flag.load(Acquire) == 2,
    );
}

/// A relaxed store ends the release sequence, even by the same thread.
fn hand_over_by_an_ended_sequence<R: Runtime>() {
    HandOver::<R>::run(
        |shared| {
            shared.flag.store(1, Release);
            shared.flag.store(2, Relaxed);
        },
        |shared| shared.flag.load(Acquire) == 2,
    );
}

/// A taker that waits with yields, as a loop must.
fn hand_over_awaited<R: Runtime>() {
    let taken = HandOver::<R>::run(
        |shared| shared.flag.store(1, Release),
        |shared| {
            while shared.flag.load(Acquire) == 0 {
                R::yield_now();
            }
            true
        },
    );
    assert!(taken);
}

#[test]
fn ordered_hand_overs_are_no_races() {
    for exploration in [
        explore_both!(Options::default(), hand_over_released),
        explore_both!(Options::default(), hand_over_by_fences),
        explore_both!(Options::default(), hand_over_by_a_release_sequence),
        explore_both!(Options::default(), hand_over_awaited),
    ] {
        assert_eq!(exploration.failure, None);
        assert_eq!(exploration.extent, Extent::Exhausted);
        assert!(exploration.executions >= 2, "the flag was seen both ways: {exploration:?}");
    }
}

#[test]
fn unordered_hand_overs_are_races_of_these_two_lines() {
    for exploration in [
        explore_both!(Options::default(), hand_over_relaxed_store),
        explore_both!(Options::default(), hand_over_relaxed_load),
        explore_both!(Options::default(), hand_over_by_a_late_fence),
        explore_both!(Options::default(), hand_over_by_an_ended_sequence),
        explore_both!(Options::default(), hand_over_too_early),
    ] {
        let FailureKind::DataRace { first, second } = failure(exploration) else { panic!("not a race") };
        let (first, second) = (first.expect("a location"), second.expect("a location"));
        assert!(first.contains("failures.rs:") && second.contains("failures.rs:"), "{first}, {second}");
        assert_ne!(first, second);
    }
}

fn locks_in_opposite_order<R: Runtime>() {
    let locks = Arc::new((<R::Mutex<u8>>::new(0), <R::Mutex<u8>>::new(0)));
    let other = Arc::clone(&locks);
    let child = R::spawn(move || {
        let _outer = other.1.lock();
        let _inner = other.0.lock();
    });
    {
        let _outer = locks.0.lock();
        let _inner = locks.1.lock();
    }
    child.join();
}

fn notification_that_may_come_too_early<R: Runtime>() {
    let shared = Arc::new((<R::Mutex<u8>>::new(0), R::Condvar::new()));
    let other = Arc::clone(&shared);
    let child = R::spawn(move || {
        let guard = other.0.lock();
        drop(other.1.wait(guard));
    });
    shared.1.notify_one();
    child.join();
}

fn lost_unpark<R: Runtime>() {
    let flag = Arc::new(R::AtomicU8::new(0));
    let other = Arc::clone(&flag);
    let main = R::current();
    let child = R::spawn(move || {
        // The flag is set, but the unpark depends on what was there before.
        if other.swap(1, AcqRel) == 2 {
            main.unpark();
        }
    });
    if flag.load(Acquire) == 0 {
        flag.compare_exchange(0, 3, AcqRel, Acquire).ok();
        R::park();
    }
    child.join();
}

#[test]
fn deadlocks_name_every_blocked_task() {
    let FailureKind::Deadlock { blocked } =
        failure(explore_both!(Options::default(), locks_in_opposite_order))
    else {
        panic!("not a deadlock")
    };
    assert_eq!(blocked.len(), 2);
    assert!(blocked[0].starts_with("thread 0 waits at lock on object 1 at "), "{blocked:?}");
    assert!(blocked[1].starts_with("thread 1 waits at lock on object 0 at "), "{blocked:?}");

    let FailureKind::Deadlock { blocked } =
        failure(explore_both!(Options::default(), notification_that_may_come_too_early))
    else {
        panic!("not a deadlock")
    };
    assert!(blocked[0].starts_with("thread 0 waits at join of thread 1"), "{blocked:?}");
    assert!(blocked[1].starts_with("thread 1 waits at wait on object 1"), "{blocked:?}");

    let kind = failure(explore_both!(Options::default(), lost_unpark));
    assert!(matches!(&kind, FailureKind::Deadlock { blocked } if blocked[0].contains("park")), "{kind:?}");
}

/// Two tasks that each wait for the other to go first.
fn waiting_for_each_other<R: Runtime>() {
    let flags = Arc::new([R::AtomicU8::new(0), R::AtomicU8::new(0)]);
    let other = Arc::clone(&flags);
    let child = R::spawn(move || {
        while other[0].load(Acquire) == 0 {
            R::yield_now();
        }
        other[1].store(1, Release);
    });
    while flags[1].load(Acquire) == 0 {
        R::yield_now();
    }
    flags[0].store(1, Release);
    child.join();
}

#[test]
fn waiting_in_a_circle_is_a_livelock() {
    let kind = failure(explore_both!(Options::default(), waiting_for_each_other));
    assert!(matches!(kind, FailureKind::Unbounded { cycle: true, .. }), "{kind:?}");
}

/// A loop that changes something on each turn does not repeat its state; only the bound ends it.
fn counting_for_ever<R: Runtime>() {
    let counter = Arc::new(R::AtomicU8::new(0));
    while counter.fetch_add(2, AcqRel) != 1 {
        R::yield_now();
    }
}

#[test]
fn endless_steps_end_at_the_bound() {
    let options = Options { steps: 500, ..Options::default() };
    let kind = failure(explore_both!(options, counting_for_ever));
    assert_eq!(kind, FailureKind::Unbounded { steps: 500, cycle: false });
}

/// Gives up after three turns: with as many fruitless turns allowed, that is seen.
fn impatient<R: Runtime>() {
    let flag = Arc::new(R::AtomicU8::new(0));
    let other = Arc::clone(&flag);
    let child = R::spawn(move || other.store(1, Release));
    let mut turns = 0;
    while flag.load(Acquire) == 0 {
        turns += 1;
        assert!(turns < 3, "gave up");
        R::yield_now();
    }
    child.join();
}

#[test]
fn giving_up_is_seen_if_enough_turns_are_allowed() {
    assert_eq!(explore_both!(Options::default(), impatient).failure, None);
    let options = Options { fruitless_turns: 3, ..Options::default() };
    assert_eq!(failure(explore_both!(options, impatient)), FailureKind::Panic { message: "gave up".into() });
}

/// Both increments read before either writes: one execution of several.
fn lost_increment<R: Runtime>() {
    let counter = Arc::new(R::AtomicU8::new(0));
    let children = [(); 2].map(|()| {
        let counter = Arc::clone(&counter);
        R::spawn(move || {
            let before = counter.load(Acquire);
            counter.store(before + 1, Release);
        })
    });
    for child in children {
        child.join();
    }
    assert_eq!(counter.load(Acquire), 2, "both increments count");
}

#[test]
fn panic_is_found_where_it_is() {
    let exploration = explore_both!(Options::default(), lost_increment);
    assert_eq!(exploration.executions, 1, "tasks take turns, so both read before either writes");
    let FailureKind::Panic { message } = failure(exploration) else { panic!("not a panic") };
    assert!(message.contains("both increments count"), "{message}");
}

/// A listener can fail an execution in which the engine saw nothing wrong.
#[test]
fn listener_judges_executions() {
    let options = Options {
        on_execution: Some(Arc::new(|execution| {
            assert!(execution.failure.is_none());
            if execution.decisions.first() == Some(&cancelproof::operation::TaskId(1)) {
                return Err(FailureKind::Panic { message: "the child went first".into() });
            }
            Ok(())
        })),
        ..Options::default()
    };
    let exploration = explore(&options, hand_over_released::<Controlled>);
    let Failure { kind, execution, decisions } = exploration.failure.expect("a failure");
    assert_eq!(kind, FailureKind::Panic { message: "the child went first".into() });
    assert_eq!((execution, decisions[0]), (2, 1));
}

#[test]
fn replay_says_where_decisions_stop_to_fit() {
    let body = locks_in_opposite_order::<Controlled>;
    let outcome = |decisions: &[u32]| replay(decisions, STACK_BYTES_DEFAULT, body).outcome;
    let blocked = ReplayOutcome::NotEnabled { step: 2, task: 1, enabled: vec![0] };
    assert_eq!(outcome(&[0, 0, 1]), ReplayOutcome::NotEnabled { step: 2, task: 1, enabled: vec![0] });
    assert_eq!(outcome(&[0, 0, 1, 1]), blocked);
    assert_eq!(outcome(&[0, 0]), ReplayOutcome::RanOut);
    assert_eq!(outcome(&[0, 0, 0, 0, 1, 1, 1, 1]), ReplayOutcome::Complete);
    assert_eq!(outcome(&[0, 0, 0, 0, 1, 1, 1, 1, 0]), ReplayOutcome::EndedEarly { performed: 8 });
}

/// A body that is different the second time is caught where it first differs.
#[test]
fn a_body_that_is_not_a_function_of_its_schedule_is_a_failure() {
    use std::sync::atomic::AtomicU32;
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let exploration = explore(&Options::default(), || {
        let word = Arc::new(<Controlled as Runtime>::AtomicU8::new(0));
        let other = Arc::clone(&word);
        let child = Controlled::spawn(move || other.swap(1, AcqRel));
        if RUNS.fetch_add(1, Relaxed) == 0 {
            word.load(Acquire);
        }
        word.swap(2, AcqRel);
        child.join();
    });
    assert!(matches!(failure(exploration), FailureKind::Nondeterminism { .. }));
}

/// Set in a child process that is to use up a stack.
const OVERFLOW: &str = "CANCELPROOF_TEST_OVERFLOW";

fn recurse(depth: u64) -> u64 {
    let frame = [depth; 64];
    if core::hint::black_box(&frame)[0] == 0 { 0 } else { recurse(depth - 1) + frame[1] }
}

/// Does nothing, except in the child process of the next test.
#[test]
fn child_that_overflows() {
    if std::env::var_os(OVERFLOW).is_some() {
        explore(&Options { stack_bytes: 64 << 10, ..Options::default() }, || {
            Controlled::spawn(|| recurse(1 << 20)).join();
        });
    }
}

#[test]
#[cfg(unix)]
fn stack_overflow_is_named_and_is_no_bare_signal() {
    let test = std::env::current_exe().expect("this test has a path");
    let child = std::process::Command::new(test)
        .args(["--exact", "failures::child_that_overflows", "--nocapture"])
        .env(OVERFLOW, "1")
        .output()
        .expect("this test can be run again");
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(said.contains("a modelled thread used up its stack of 64 KiB"), "{said}");
    assert_eq!(child.status.code(), Some(4));
}

/// References dropped by several tasks: only the last drop runs the destructor, and every order is tried.
fn shared_ownership<R: Runtime>() {
    let first = <R::Arc<R::AtomicU8> as cancelproof::model::runtime::Arc<_>>::new(Atomic::new(0));
    let children: Vec<_> = (0..2)
        .map(|_| {
            let reference = first.clone();
            R::spawn(move || drop(reference))
        })
        .collect();
    drop(first);
    for child in children {
        child.join();
    }
}

#[test]
fn drops_of_references_are_ordered_in_every_way() {
    let exploration = explore_both!(Options::default(), shared_ownership);
    assert_eq!((exploration.executions, exploration.failure), (6, None));
}
