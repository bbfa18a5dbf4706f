//! Right programs whose destructors decide by what the runtime answers. Executions of each are given up under both
//! engines, and none of its destructors may ever see an answer to an operation that was not performed.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};
use cancelproof_model::runtime::{Atomic, JoinHandle, Mutex, Runtime};

type Word = <Controlled as Runtime>::AtomicUsize;
type Lock = <Controlled as Runtime>::Mutex<usize>;

/// Explores under both engines; each must prove the program, and the second must have given executions up.
fn proved(body: fn()) {
    let is_proved = |engine: &str, exploration: &Exploration| {
        assert!(exploration.failure.is_none(), "{engine}: {:?}", exploration.failure);
        assert_eq!(exploration.extent, Extent::Exhausted, "{engine}");
    };
    is_proved("dpor", &dpor::explore(&dpor::Options::default(), body));
    let explored = rc11::explore(&rc11::Options::default(), body);
    is_proved("rc11", &explored);
    assert!(explored.abandoned > 0, "nothing was given up, so nothing was tested: {explored:?}");
}

/// What two tasks do with a lock, so that executions are given up while each holds its `owned`.
fn contend<T: Send + 'static>(one: T, other: T) {
    let lock = Arc::new(Lock::new(0));
    let second = Arc::clone(&lock);
    let child = Controlled::spawn(move || {
        let _owned = other;
        *second.lock() += 1;
    });
    {
        let _owned = one;
        *lock.lock() += 1;
    }
    child.join();
    assert_eq!(*lock.lock(), 2);
}

/// One of two sides of a channel. The state counts the sides that are gone, from one, and is never anything else.
struct Side(Arc<Word>);

impl Drop for Side {
    fn drop(&mut self) {
        let before = self.0.fetch_add(1, AcqRel);
        if !(1..=2).contains(&before) {
            // What a crate of unsafe code does when its state is impossible.
            std::process::abort();
        }
    }
}

#[test]
fn sides_of_a_channel() {
    proved(|| {
        let state = Arc::new(Word::new(1));
        contend(Side(Arc::clone(&state)), Side(Arc::clone(&state)));
        assert_eq!(state.load(Acquire), 3);
    });
}

/// Frees what it shares with another, if it is the first to say so.
struct Owner {
    claimed: Arc<Word>,
    /// How often the memory was freed.
    freed: Arc<AtomicUsize>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.claimed.compare_exchange(0, 1, AcqRel, Acquire).is_ok()
            && self.freed.fetch_add(1, SeqCst) != 0
        {
            eprintln!("memory would have been freed twice");
            std::process::abort();
        }
    }
}

#[test]
fn owners_that_decide_by_a_compare_exchange() {
    proved(|| {
        let owner = Owner { claimed: Arc::new(Word::new(0)), freed: Arc::default() };
        let (claimed, freed) = (Arc::clone(&owner.claimed), Arc::clone(&owner.freed));
        contend(Owner { claimed, freed }, owner);
    });
}

/// A call in flight: counted while it lasts.
struct InFlight(Arc<Word>);

impl InFlight {
    fn enter(calls: &Arc<Word>) -> Self {
        calls.fetch_add(1, AcqRel);
        InFlight(Arc::clone(calls))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        assert!(self.0.fetch_sub(1, AcqRel) > 0, "the counter of calls in flight underflows");
    }
}

#[test]
fn calls_in_flight() {
    proved(|| {
        let calls = Arc::new(Word::new(0));
        let lock = Arc::new(Lock::new(0));
        let (other_calls, other_lock) = (Arc::clone(&calls), Arc::clone(&lock));
        let child = Controlled::spawn(move || {
            let _call = InFlight::enter(&other_calls);
            *other_lock.lock() += 1;
        });
        {
            let _call = InFlight::enter(&calls);
            *lock.lock() += 1;
        }
        child.join();
        assert_eq!(calls.load(Relaxed), 0);
    });
}

/// A destructor that waits for the other thread: it ends only if that thread goes on.
struct Waits(Arc<Word>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_add(1, AcqRel);
        while self.0.load(Acquire) < 2 {
            Controlled::yield_now();
        }
    }
}

#[test]
fn destructors_that_wait_for_each_other() {
    proved(|| {
        let gone = Arc::new(Word::new(0));
        contend(Waits(Arc::clone(&gone)), Waits(gone));
    });
}

/// A lock of the standard library, in a static, held while an operation of the runtime is pending: it is free again
/// in the next execution.
#[test]
fn what_outlives_executions_is_given_back() {
    static HELD: std::sync::Mutex<u8> = std::sync::Mutex::new(0);
    proved(|| {
        let lock = Arc::new(Lock::new(0));
        let other = Arc::clone(&lock);
        let child = Controlled::spawn(move || *other.lock() += 1);
        {
            let _held = HELD.try_lock().expect("no execution before this one holds it");
            *lock.lock() += 1;
        }
        child.join();
    });
}

/// A broken twin: the second side takes the state for another than it is.
#[test]
fn broken_destructor_is_refuted() {
    struct Broken(Arc<Word>);
    impl Drop for Broken {
        fn drop(&mut self) {
            assert_eq!(self.0.fetch_add(1, AcqRel), 1, "both sides are the first");
        }
    }
    let body = || {
        let state = Arc::new(Word::new(1));
        contend(Broken(Arc::clone(&state)), Broken(state));
    };
    let explored = [
        dpor::explore(&dpor::Options::default(), body).failure,
        rc11::explore(&rc11::Options::default(), body).failure,
    ];
    for failure in explored {
        let failure = format!("{:?}", failure.expect("one of two drops comes second").kind);
        assert!(failure.contains("both sides are the first"), "{failure}");
    }
}

const ENDS: &str = "CANCELPROOF_TEST_PANICS_TWICE";

/// Does nothing, except in the child process of the next test.
#[test]
fn child_that_panics_while_it_panics() {
    struct Second;
    impl Drop for Second {
        fn drop(&mut self) {
            panic!("the second words");
        }
    }
    if std::env::var_os(ENDS).is_some() {
        dpor::explore(&dpor::Options::default(), || {
            let _second = Second;
            panic!("the first words");
        });
    }
}

/// A panic in a destructor that a panic runs ends the process, here as in production; both are told.
#[test]
fn words_of_both_panics_are_told() {
    let test = std::env::current_exe().expect("this test has a path");
    let child = std::process::Command::new(test)
        .args(["--exact", "given_up::child_that_panics_while_it_panics", "--nocapture"])
        .env(ENDS, "1")
        .output()
        .expect("this test can be run again");
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(!child.status.success());
    assert!(said.contains("the first words") && said.contains("the second words"), "{said}");
}
