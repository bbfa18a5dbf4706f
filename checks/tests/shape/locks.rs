//! Locks that are shared and tried for: reduced exploration against every order, and what each engine must refute.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, TryLockError};

use cancelproof::executor::Controlled;
use cancelproof::exploration::FailureKind;
use cancelproof::model::runtime::{JoinHandle, Runtime};
use cancelproof::sync::controlled::atomic::{AtomicU8, AtomicUsize};
use cancelproof::sync::controlled::{Condvar, Mutex, RwLock};

use crate::explored::{by_dpor, by_every_order, by_rc11};

/// What a thread does with one of two locks while it has it, or has not got it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read(usize),
    Write(usize),
    TryRead(usize),
    TryWrite(usize),
    Load,
    Add,
}

const KINDS: u64 = 10;

fn step(code: u64) -> Step {
    let lock = (code % 2) as usize;
    match code % KINDS / 2 {
        0 => Step::Read(lock),
        1 => Step::Write(lock),
        2 => Step::TryRead(lock),
        3 => Step::TryWrite(lock),
        _ if lock == 0 => Step::Load,
        _ => Step::Add,
    }
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

type Program = Vec<Vec<Step>>;

fn program(seed: u64, threads: u64, steps: u64) -> Program {
    let mut numbers = Numbers(seed);
    (0..threads).map(|_| (0..=numbers.next() % steps).map(|_| step(numbers.next())).collect()).collect()
}

struct Shared {
    locks: [RwLock<u8>; 2],
    word: AtomicU8,
}

/// What the step shows its thread.
fn perform(shared: &Shared, step: Step) -> u8 {
    const FAILED: u8 = u8::MAX;
    match step {
        Step::Read(lock) => *shared.locks[lock].read().unwrap(),
        Step::Write(lock) => {
            let mut guard = shared.locks[lock].write().unwrap();
            *guard += 1;
            *guard
        }
        Step::TryRead(lock) => shared.locks[lock].try_read().map_or(FAILED, |guard| *guard),
        Step::TryWrite(lock) => shared.locks[lock].try_write().map_or(FAILED, |mut guard| {
            *guard += 10;
            *guard
        }),
        Step::Load => shared.word.load(SeqCst),
        Step::Add => shared.word.fetch_add(1, SeqCst),
    }
}

fn run(program: &Program) -> Vec<Vec<u8>> {
    let shared = Arc::new(Shared { locks: [RwLock::new(0), RwLock::new(0)], word: AtomicU8::new(0) });
    let threads: Vec<_> = program
        .iter()
        .map(|steps| {
            let (shared, steps) = (Arc::clone(&shared), steps.clone());
            Controlled::spawn(move || {
                steps.into_iter().map(|step| perform(&shared, step)).collect::<Vec<u8>>()
            })
        })
        .collect();
    threads.into_iter().map(JoinHandle::join).collect()
}

/// The reduction leaves out no outcome, and reaches none twice as often as there are orders of it.
#[test]
fn reduced_and_unreduced_have_the_same_outcomes() {
    let mut fewer = 0;
    for seed in 0..150 {
        let program = program(seed, 2 + seed % 2, if seed % 2 == 0 { 3 } else { 2 });
        let (one, other) = (program.clone(), program.clone());
        let reduced = by_dpor(move || run(&one));
        let every = by_every_order(move || run(&other));
        assert_eq!(reduced.failure(), None, "{program:?}");
        assert_eq!(reduced.outcomes, every.outcomes, "{seed}: {program:?}");
        assert!(reduced.exploration.executions <= every.exploration.executions, "{program:?}");
        fewer += u32::from(reduced.exploration.executions * 2 < every.exploration.executions);
    }
    assert!(fewer > 50, "only {fewer} programs were reduced to less than half");
}

/// A weak memory shows what an interleaving shows; a try may fail by what it sees of the past, and nothing else is added
/// that a run of the locks could not show.
#[test]
fn rc11_shows_every_outcome_of_an_interleaving() {
    for seed in 0..100 {
        let program = program(seed + 1_000, 2 + seed % 2, 2);
        let (one, other) = (program.clone(), program.clone());
        let (sequential, weak) = (by_dpor(move || run(&one)), by_rc11(move || run(&other)));
        assert_eq!(weak.failure(), None, "{program:?}");
        assert!(weak.outcomes.is_superset(&sequential.outcomes), "{seed}: {program:?}");
    }
}

/// Readers share the lock: both are inside at once in some execution, and no writer is with them in any.
#[test]
fn readers_share_and_writers_do_not() {
    for explore in &[by_dpor::<u8>, by_rc11::<u8>] {
        let explored = explore(|| {
            let lock = Arc::new((RwLock::new(()), AtomicU8::new(0)));
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    let lock = Arc::clone(&lock);
                    Controlled::spawn(move || {
                        let _guard = lock.0.read().unwrap();
                        let inside = lock.1.fetch_add(1, SeqCst) + 1;
                        lock.1.fetch_sub(1, SeqCst);
                        inside
                    })
                })
                .collect();
            {
                let _guard = lock.0.write().unwrap();
                assert_eq!(lock.1.fetch_add(8, SeqCst), 0, "a reader is inside beside the writer");
                lock.1.fetch_sub(8, SeqCst);
            }
            readers.into_iter().map(JoinHandle::join).max().unwrap()
        });
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [1, 2].into());
    }
}

/// Two readers do not depend on each other, so an exploration does not tell their orders apart.
#[test]
fn orders_of_readers_are_one_trace() {
    let explored = by_dpor(|| {
        let lock = Arc::new(RwLock::new(0));
        let readers: Vec<_> = (0..3)
            .map(|_| {
                let lock = Arc::clone(&lock);
                Controlled::spawn(move || *lock.read().unwrap())
            })
            .collect();
        readers.into_iter().map(JoinHandle::join).sum::<i32>()
    });
    assert_eq!(explored.exploration.executions, 1);
}

/// A reader that asks for the lock alone while it has a share waits for itself.
#[test]
fn upgrading_is_a_deadlock() {
    for explore in [by_dpor::<()>, by_rc11::<()>] {
        let explored = explore(|| {
            let lock = RwLock::new(0);
            let share = lock.read().unwrap();
            *lock.write().unwrap() += *share;
        });
        let failure = explored.failure();
        assert!(matches!(failure, Some(FailureKind::Deadlock { .. })), "{failure:?}");
    }
}

/// The twin of a counter under `try_lock` that believes it has the lock when it has not.
#[test]
fn a_try_that_fails_is_explored() {
    for explore in [by_dpor::<bool>, by_rc11::<bool>] {
        let explored = explore(|| {
            let lock = Arc::new(Mutex::new(0));
            let other = Arc::clone(&lock);
            let child = Controlled::spawn(move || *other.lock().unwrap() += 1);
            let taken = match lock.try_lock() {
                Ok(mut guard) => {
                    *guard += 1;
                    true
                }
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Poisoned(_)) => unreachable!("nobody panics"),
            };
            child.join();
            assert_eq!(*lock.lock().unwrap(), 1 + i32::from(taken));
            taken
        });
        assert_eq!(explored.failure(), None);
        assert_eq!(explored.outcomes, [false, true].into());
    }
}

/// A panic under a lock that is caught poisons it, and a panic elsewhere does not.
#[test]
fn a_lock_is_poisoned_as_the_standard_one_is() {
    let explored = by_dpor(|| {
        let lock = Mutex::new(3);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _guard = lock.lock().unwrap();
            panic!("on purpose");
        }));
        assert!(caught.is_err());
        let value = *lock.lock().expect_err("it is poisoned").into_inner();
        lock.clear_poison();
        (value, lock.is_poisoned(), lock.try_lock().is_ok())
    });
    assert_eq!(explored.failure(), None);
    assert_eq!(explored.outcomes, [(3, false, true)].into());
}

/// Condition variables work with these locks: a right monitor is proved, and its twin without a loop is refuted.
#[test]
fn condition_variables_wait_under_these_locks() {
    let body = |looks_again: bool| {
        move || {
            let pair = Arc::new((Mutex::new(0_usize), Condvar::new(), AtomicUsize::new(0)));
            let waiter = {
                let pair = Arc::clone(&pair);
                Controlled::spawn(move || {
                    let mut guard = pair.0.lock().unwrap();
                    if looks_again {
                        guard = pair.1.wait_while(guard, |ready| *ready < 2).unwrap();
                    } else if *guard < 2 {
                        guard = pair.1.wait(guard).unwrap();
                    }
                    assert_eq!(*guard, 2);
                })
            };
            for _ in 0..2 {
                *pair.0.lock().unwrap() += 1;
                pair.1.notify_all();
            }
            waiter.join();
        }
    };
    for explore in [by_dpor::<()>, by_rc11::<()>] {
        assert_eq!(explore(body(true)).failure(), None);
    }
    for explore in [by_dpor::<()>, by_rc11::<()>] {
        let explored = explore(body(false));
        let failure = explored.failure();
        assert!(matches!(failure, Some(FailureKind::Panic { .. })), "{failure:?}");
    }
}
