//! What the engine finds, and that it finds it for the right reason.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::Arc;

use cancelproof::engine::dpor::{Options, ReplayOutcome, explore, replay};
use cancelproof::executor::{Controlled, STACK_BYTES_DEFAULT};
use cancelproof::exploration::{Bound, Extent, Failure, FailureKind};
use cancelproof::model::runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread};

use crate::on_both::{explore_both, failure};
use crate::races::hand_over_released;

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

/// What has not ended may be about to, so that nothing is said of it.
#[test]
fn endless_steps_end_at_the_bound() {
    let options = Options { steps: 500, ..Options::default() };
    let exploration = explore_both!(options, counting_for_ever);
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Bounded(Bound::Steps(500)));
    assert_eq!((exploration.executions, exploration.abandoned), (0, 1));
}

/// Gives up after three turns: the turns look alike, but the count on the stack tells them apart.
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
    let gave_up = FailureKind::Panic { message: "gave up".into() };
    assert_eq!(failure(explore_both!(Options::default(), impatient)), gave_up);
    let options = Options { turns: 1, ..Options::default() };
    let exploration = explore_both!(options, impatient);
    assert_eq!((exploration.failure, exploration.extent), (None, Extent::Bounded(Bound::Turns(1))));
    let options = Options { turns: 1, fruitless_turns: 3, ..Options::default() };
    assert_eq!(failure(explore_both!(options, impatient)), gave_up);
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
    assert!(said.contains("CANCELPROOF_STACK_KIB"), "{said}");
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
