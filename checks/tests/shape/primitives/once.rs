//! What is done once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use cancelproof::sync::controlled::atomic::AtomicUsize;
use cancelproof::sync::controlled::{LazyLock, Once, OnceLock};
use cancelproof::thread::controlled as thread;

use super::{Numbers, Place, compare, emulated, outcomes};
use crate::explored::{by_dpor, by_rc11};

/// Which thread makes the value is all that threads can tell: one execution for each of them.
#[test]
fn one_execution_for_each_that_comes_first() {
    for threads in [2, 3] {
        let made = move || {
            let once = Arc::new(OnceLock::new());
            let spawn = |number| {
                let once = Arc::clone(&once);
                thread::spawn(move || *once.get_or_init(|| number))
            };
            let threads: Vec<_> = (0..threads).map(spawn).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<usize>>()
        };
        let under_a_lock = move || {
            let once = Arc::new(emulated::Once::default());
            let spawn = |number| {
                let once = Arc::clone(&once);
                thread::spawn(move || once.get_or_init(|| number))
            };
            let threads: Vec<_> = (0..threads).map(spawn).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<usize>>()
        };
        let (executions, emulated) = compare(made, under_a_lock);
        assert!(executions == threads as u64 && emulated > executions, "{executions} and {emulated}");
        assert_eq!(outcomes(&by_rc11(made)).1, threads as u64);
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Get(usize),
    Init(usize),
    Load,
    Add,
}

fn step(numbers: &mut Numbers) -> Step {
    match numbers.below(8) {
        0 | 1 => Step::Get(numbers.below(2)),
        2..=4 => Step::Init(numbers.below(2)),
        5 => Step::Load,
        _ => Step::Add,
    }
}

macro_rules! run {
    ($once:ty, $get:expr) => {
        |program: &Vec<Vec<Step>>| {
            let shared = Arc::new(([<$once>::default(), <$once>::default()], AtomicUsize::new(1)));
            let spawn = |(number, steps): (usize, &Vec<Step>)| {
                let (shared, steps) = (Arc::clone(&shared), steps.clone());
                thread::spawn(move || {
                    let perform = |step: &Step| match *step {
                        Step::Get(once) => $get(&shared.0[once]).unwrap_or(0),
                        // What makes the value looks at what others do.
                        Step::Init(once) => {
                            let value = shared.0[once].get_or_init(|| 10 * number + shared.1.load(SeqCst));
                            #[allow(clippy::clone_on_copy, reason = "one is a reference")]
                            value.clone()
                        }
                        Step::Load => shared.1.load(SeqCst),
                        Step::Add => shared.1.fetch_add(1, SeqCst),
                    };
                    steps.iter().map(perform).collect::<Vec<usize>>()
                })
            };
            let threads: Vec<_> = program.iter().enumerate().map(spawn).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        }
    };
}

#[test]
fn random_programs_have_the_same_outcomes() {
    let (mut mine, mut theirs) = (0, 0);
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let (threads, most) = if seed % 2 == 0 { (2, 3) } else { (3, 2) };
        let program: Vec<Vec<Step>> =
            (0..threads).map(|_| (0..=numbers.below(most)).map(|_| step(&mut numbers)).collect()).collect();
        let primitive = run!(OnceLock<usize>, |once: &OnceLock<usize>| once.get().copied());
        let emulation = run!(emulated::Once, emulated::Once::get);
        let (one, other) = (program.clone(), program);
        let (executions, emulated) = compare(move || primitive(&one), move || emulation(&other));
        mine += executions;
        theirs += emulated;
    }
    assert!(mine * 4 < theirs * 3, "{mine} executions and {theirs} of the emulation");
}

/// What was done before the value was there is seen by a thread that finds it, and by no other.
#[test]
fn who_finds_the_value_has_seen_what_made_it() {
    let body = |waits: bool| {
        move || {
            let shared = Arc::new((Once::new(), Place::new(), AtomicUsize::new(0)));
            let other = Arc::clone(&shared);
            let child = thread::spawn(move || {
                other.0.call_once(|| other.1.set(7));
                other.2.store(1, Relaxed);
            });
            let is_done = if waits { shared.0.is_completed() } else { shared.2.load(Relaxed) == 1 };
            if is_done {
                assert_eq!(shared.1.get(), 7);
            }
            child.join().unwrap();
            is_done
        }
    };
    for explored in [by_dpor(body(true)), by_rc11(body(true))] {
        assert_eq!(outcomes(&explored).0, &[false, true].into());
    }
    for explored in [by_dpor(body(false)), by_rc11(body(false))] {
        assert!(explored.failure().is_some(), "a relaxed flag orders nothing");
    }
}

/// As the standard library says: a body that panics poisons, which is told to who forces it; a value is tried for again.
#[test]
fn a_panic_poisons_as_the_standard_one_does() {
    fn caught<O>(body: impl FnOnce() -> O) -> Result<O, ()> {
        catch_unwind(AssertUnwindSafe(body)).map_err(drop)
    }
    let body = || {
        let once = Once::new();
        let first = caught(|| once.call_once(|| panic!("on purpose")));
        let again = caught(|| once.call_once(|| unreachable!("it is poisoned")));
        let mut told = None;
        let before = once.is_completed();
        once.call_once_force(|state| told = Some(state.is_poisoned()));
        once.call_once(|| unreachable!("it was done"));
        let value = OnceLock::new();
        let failed = caught(|| *value.get_or_init(|| panic!("on purpose")));
        let made = (value.get().copied(), *value.get_or_init(|| 3), value.set(4));
        let lazy: LazyLock<u8> = LazyLock::new(|| panic!("on purpose"));
        let lazily = [caught(|| *lazy), caught(|| *lazy)];
        (first, again, before, told, failed, made, lazily)
    };
    let expected = (Err(()), Err(()), false, Some(true), Err(()), (None, 3, Err(4)), [Err(()), Err(())]);
    for explored in [by_dpor(body), by_rc11(body)] {
        assert_eq!(outcomes(&explored).0, &[expected].into());
    }
}

/// Who comes while another panics waits, and then panics or begins itself.
#[test]
fn who_waits_for_a_panic_is_told() {
    let body = || {
        let once = Arc::new(Once::new());
        let other = Arc::clone(&once);
        let child = thread::spawn(move || {
            catch_unwind(AssertUnwindSafe(|| other.call_once(|| panic!("on purpose")))).is_err()
        });
        let mut found = 0;
        once.call_once_force(|state| found = 1 + usize::from(state.is_poisoned()));
        (child.join().unwrap(), found)
    };
    for explored in [by_dpor(body), by_rc11(body)] {
        assert_eq!(outcomes(&explored).0, &[(false, 1), (true, 2)].into());
        assert_eq!(outcomes(&explored).1, 2);
    }
}

/// Who asks for a value while it makes it waits for itself.
#[test]
fn to_begin_within_it_is_a_deadlock() {
    super::refuted(
        || {
            let once = Once::new();
            once.call_once(|| once.call_once(|| ()));
        },
        |failure| matches!(failure, cancelproof::exploration::FailureKind::Deadlock { .. }),
    );
}
