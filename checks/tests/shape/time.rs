//! Time as a choice: a wait with a time ends in both ways, and what that breaks is found.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

use cancelproof::exploration::FailureKind;
use cancelproof::sync::atomic::{AtomicBool, AtomicU8};
use cancelproof::sync::mpsc::{self, RecvTimeoutError};
use cancelproof::sync::{Arc, Condvar, Mutex};
use cancelproof::thread;
use cancelproof::time::{self, Duration, Instant};
use proptest::prelude::*;

use crate::explored::{by_dpor, by_every_order, by_rc11};

const MILLISECOND: Duration = Duration::from_millis(1);

/// What a waiter and whoever wakes it share.
struct Gate {
    is_open: Mutex<bool>,
    /// The same, for who does not take the lock.
    is_open_too: AtomicBool,
    opened: Condvar,
}

impl Gate {
    fn new() -> Arc<Self> {
        Arc::new(Gate {
            is_open: Mutex::new(false),
            is_open_too: AtomicBool::new(false),
            opened: Condvar::new(),
        })
    }

    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_one();
    }

    /// Between a waiter's look and its wait the notification comes for nobody.
    fn open_without_the_lock(&self) {
        self.is_open_too.store(true, Release);
        self.opened.notify_one();
    }

    fn pass(&self) {
        let mut is_open = self.is_open.lock().unwrap();
        while !*is_open && !self.is_open_too.load(Acquire) {
            is_open = self.opened.wait_timeout(is_open, MILLISECOND).unwrap().0;
        }
    }
}

/// A thread opens the gate, another passes it.
fn through(open: fn(&Gate), stands_still: bool) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        if stands_still {
            time::stand_still();
        }
        let gate = Gate::new();
        let other = Arc::clone(&gate);
        let opener = thread::spawn(move || open(&other));
        gate.pass();
        opener.join().unwrap();
    }
}

#[test]
fn a_wait_ends_in_both_ways() {
    let body = || {
        let gate = Gate::new();
        let other = Arc::clone(&gate);
        let opener = thread::spawn(move || other.open());
        let is_open = gate.is_open.lock().unwrap();
        let (is_open, result) = gate.opened.wait_timeout_while(is_open, MILLISECOND, |open| !*open).unwrap();
        assert_eq!(result.timed_out(), !*is_open);
        drop(is_open);
        opener.join().unwrap();
        result.timed_out()
    };
    for explored in [by_dpor(body), by_rc11(body)] {
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [false, true].into());
    }
}

#[test]
fn a_loop_that_waits_with_a_time_ends() {
    for stands_still in [false, true] {
        let body = through(Gate::open, stands_still);
        assert_eq!(by_dpor(body.clone()).failure(), None);
        assert_eq!(by_rc11(body).failure(), None);
    }
}

#[test]
fn a_wake_up_that_time_hides_is_lost_where_time_stands_still() {
    let hidden = through(Gate::open_without_the_lock, false);
    assert_eq!(by_dpor(hidden.clone()).failure(), None);
    assert!(by_rc11(hidden).exploration.failure.is_none());
    let shown = through(Gate::open_without_the_lock, true);
    for explored in [by_dpor(shown.clone()), by_rc11(shown)] {
        let failure = explored.failure();
        assert!(matches!(failure, Some(FailureKind::Deadlock { .. })), "{failure:?}");
    }
}

#[test]
fn a_loop_for_what_never_comes_is_no_proof() {
    let body = through(|_| (), false);
    let failure = by_dpor(body.clone());
    assert!(matches!(failure.failure(), Some(FailureKind::Unbounded { cycle: true, .. })), "{failure:?}");
    let weak = by_rc11(body).exploration;
    assert!(weak.failure.is_some() || weak.extent != cancelproof::exploration::Extent::Exhausted, "{weak:?}");
}

const PENDING: u8 = 0;
const COMPLETED: u8 = 1;
const WITHDRAWN: u8 = 2;

struct Operation {
    state: AtomicU8,
    buffer: cancelproof::cell::UnsafeCell<u8>,
}

// SAFETY: the engine judges every access to the buffer before it is made.
unsafe impl Sync for Operation {}

/// A buffer is given to whoever completes, and taken back when the time is over.
fn buffer(claims: bool) -> impl Fn() -> bool + Clone + Send + Sync + 'static {
    move || {
        let buffer = cancelproof::cell::UnsafeCell::new(0);
        let shared = Arc::new(Operation { state: AtomicU8::new(PENDING), buffer });
        let other = Arc::clone(&shared);
        let waiter = thread::current();
        let completer = thread::spawn(move || {
            let Operation { state, buffer } = &*other;
            if state.compare_exchange(PENDING, COMPLETED, AcqRel, Acquire).is_ok() {
                // SAFETY: the engine judges whether somebody else has it.
                buffer.with_mut(|buffer| unsafe { *buffer = 1 });
                state.store(3, Release);
                waiter.unpark();
            }
        });
        thread::park_timeout(MILLISECOND);
        let Operation { state, buffer } = &*shared;
        let withdrawn = if claims {
            state.compare_exchange(PENDING, WITHDRAWN, AcqRel, Acquire).is_ok()
        } else {
            state.load(Acquire) == PENDING
        };
        if withdrawn {
            // SAFETY: as above.
            buffer.with_mut(|buffer| unsafe { *buffer = 2 });
        }
        completer.join().unwrap();
        withdrawn
    }
}

#[test]
fn a_timeout_that_races_a_completion_is_found() {
    for explored in [by_dpor(buffer(true)), by_rc11(buffer(true))] {
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [false, true].into());
    }
    for explored in [by_dpor(buffer(false)), by_rc11(buffer(false))] {
        assert!(matches!(explored.failure(), Some(FailureKind::DataRace { .. })), "{explored:?}");
    }
}

#[test]
fn a_channel_runs_out_of_time() {
    let body = || {
        let (sender, receiver) = mpsc::channel();
        let child = thread::spawn(move || sender.send(7).unwrap());
        let got = receiver.recv_timeout(MILLISECOND);
        child.join().unwrap();
        got.map_err(|error| error == RecvTimeoutError::Timeout)
    };
    for explored in [by_dpor(body), by_rc11(body)] {
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [Ok(7), Err(true)].into());
    }
    let alone = || {
        let (_sender, receiver) = mpsc::channel::<u8>();
        (0..2).map(|_| receiver.recv_timeout(MILLISECOND).is_err()).collect::<Vec<_>>()
    };
    for explored in [by_dpor(alone), by_rc11(alone)] {
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [vec![true, true]].into());
    }
}

#[test]
fn clocks_go_on() {
    let body = || {
        let begun = Instant::now();
        let child = thread::spawn(move || {
            thread::sleep(2 * MILLISECOND);
            begun.elapsed()
        });
        let slept = child.join().unwrap();
        let now = Instant::now();
        assert!(slept >= 2 * MILLISECOND && now - begun >= slept);
        assert_eq!(now.checked_duration_since(now + MILLISECOND), None);
        assert_eq!((now - MILLISECOND).duration_since(now), Duration::ZERO);
    };
    assert_eq!(by_dpor(body).failure(), None);
    assert_eq!(by_rc11(body).failure(), None);
}

/// Until a deadline, whoever sets the flag is in time or is not.
#[test]
fn a_loop_until_a_deadline_ends() {
    let body = |parks: bool| {
        move || {
            let flag = Arc::new(AtomicBool::new(false));
            let other = Arc::clone(&flag);
            let waiter = thread::current();
            let child = thread::spawn(move || {
                other.store(true, Release);
                waiter.unpark();
            });
            let deadline = Instant::now() + 3 * MILLISECOND;
            let mut in_time = true;
            while !flag.load(Acquire) {
                let now = Instant::now();
                if now >= deadline {
                    in_time = false;
                    break;
                }
                if parks {
                    thread::park_timeout(deadline - now);
                } else {
                    thread::yield_now();
                }
            }
            child.join().unwrap();
            in_time
        }
    };
    for parks in [false, true] {
        let explored = by_dpor(body(parks));
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [false, true].into());
    }
    let explored = by_rc11(body(true));
    assert_eq!(explored.failure(), None);
    assert_eq!(explored.outcomes, [false, true].into());
}

/// What a lock protects is no part of its thread's stack: a loop that counts there waits for nobody.
#[test]
fn a_count_under_a_lock_is_no_waiting() {
    let explored = by_dpor(|| {
        let count = Mutex::new(0);
        loop {
            let mut guard = count.lock().unwrap();
            *guard += 1;
            if *guard == 8 {
                break;
            }
            drop(guard);
            thread::yield_now();
        }
    });
    assert_eq!(explored.failure(), None);
}

/// What a thread of a drawn program does.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add,
    Wait,
    NotifyOne,
    NotifyAll,
    Park,
    Unpark,
    TryAdd,
}

/// Runs a program of waits with times, wakes and locks; what each thread saw.
fn run(program: &[Vec<Step>]) -> Vec<Vec<i32>> {
    let shared = Arc::new((Mutex::new(0), Condvar::new()));
    let first = thread::current();
    let children: Vec<_> = program[1..]
        .iter()
        .map(|steps| {
            let (steps, shared, first) = (steps.clone(), Arc::clone(&shared), first.clone());
            thread::spawn(move || perform(&steps, &shared, &first))
        })
        .collect();
    let mut seen = vec![perform(&program[0], &shared, &first)];
    seen.extend(children.into_iter().map(|child| child.join().unwrap()));
    seen
}

fn perform(steps: &[Step], (lock, condvar): &(Mutex<i32>, Condvar), first: &thread::Thread) -> Vec<i32> {
    let mut seen = Vec::new();
    for step in steps {
        match step {
            Step::Add => *lock.lock().unwrap() += 1,
            Step::TryAdd => seen.push(lock.try_lock().map_or(-1, |mut guard| {
                *guard += 10;
                *guard
            })),
            Step::Wait => {
                let (guard, result) = condvar.wait_timeout(lock.lock().unwrap(), MILLISECOND).unwrap();
                seen.push(if result.timed_out() { -*guard - 100 } else { *guard });
            }
            Step::NotifyOne => condvar.notify_one(),
            Step::NotifyAll => condvar.notify_all(),
            Step::Park => thread::park_timeout(MILLISECOND),
            Step::Unpark => first.unpark(),
        }
    }
    seen
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Add),
        Just(Step::Wait),
        Just(Step::Wait),
        Just(Step::NotifyOne),
        Just(Step::NotifyAll),
        Just(Step::Park),
        Just(Step::Unpark),
        Just(Step::TryAdd),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    /// The reduction leaves no outcome out, and a weak memory shows each of them.
    #[test]
    fn drawn_programs_show_all_their_outcomes(
        program in prop_oneof![
            prop::collection::vec(prop::collection::vec(step(), 1..3), 2),
            prop::collection::vec(prop::collection::vec(step(), 1), 3),
        ]
    ) {
        let bodies = [program.clone(), program.clone(), program.clone()];
        let [one, other, third] = bodies.map(|program| move || run(&program));
        let (reduced, every, weak) = (by_dpor(one), by_every_order(other), by_rc11(third));
        prop_assert_eq!(reduced.failure(), None);
        prop_assert_eq!(weak.failure(), None);
        prop_assert_eq!(&reduced.outcomes, &every.outcomes);
        prop_assert!(reduced.exploration.executions <= every.exploration.executions);
        prop_assert!(weak.outcomes.is_superset(&reduced.outcomes), "{:?}", reduced.outcomes.difference(&weak.outcomes));
    }
}
