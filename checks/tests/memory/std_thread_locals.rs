//! Thread-locals of the standard library: one for each modelled thread, for one execution, on every runtime.

use core::cell::{Cell, RefCell};
use core::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof::engine::{dpor, loom, rc11, shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Bound, Exploration, Extent, FailureKind};
use cancelproof::platform::{Loom, Shuttle};
use cancelproof_engines::{arena, locals};
use cancelproof_model::runtime::{Atomic, JoinHandle, Runtime};

type Word<R> = <R as Runtime>::AtomicU32;

fn word<R: Runtime>() -> Arc<Word<R>> {
    Arc::new(<Word<R> as Atomic<u32>>::new(0))
}

thread_local! {
    static PLAIN: Cell<u32> = const { Cell::new(5) };
    static LAZY: RefCell<Vec<u32>> = RefCell::new(vec![PLAIN.get()]);
    static NAMED: Cell<&'static str> = const { Cell::new("nobody") };
}

/// What two threads find in their own, with a word between them so that there is more than one execution.
fn each_has_its_own<R: Runtime>() -> String {
    let (word, other) = {
        let word = word::<R>();
        (Arc::clone(&word), word)
    };
    let child = R::spawn(move || {
        let found = (PLAIN.replace(7), NAMED.replace("child"));
        LAZY.with_borrow_mut(|seen| seen.push(found.0));
        other.store(1, Release);
        format!("{found:?} {} {} {:?}", PLAIN.get(), NAMED.get(), LAZY.take())
    });
    let found = (PLAIN.replace(3), NAMED.replace("main"));
    word.load(Acquire);
    LAZY.with_borrow_mut(|seen| seen.push(found.0));
    let mine = format!("{found:?} {} {} {:?}", PLAIN.get(), NAMED.get(), LAZY.take());
    format!("{mine}, {}", child.join())
}

/// The guard of a call that must not come back to itself in one thread.
fn comes_back<R: Runtime>(is_of_all: bool) -> String {
    thread_local! {
        static INSIDE: Cell<bool> = const { Cell::new(false) };
    }
    let (inside, of_all) = (|value| INSIDE.replace(value), word::<R>());
    let call = move |other: Arc<Word<R>>, of_all: Arc<Word<R>>| {
        let before = if is_of_all { of_all.swap(1, AcqRel) == 1 } else { inside(true) };
        other.fetch_add(1, AcqRel);
        if is_of_all {
            of_all.store(0, Release);
        } else {
            _ = inside(false);
        }
        before
    };
    let counted = word::<R>();
    let (other, of_child) = (Arc::clone(&counted), Arc::clone(&of_all));
    let child = R::spawn(move || call(other, of_child));
    let mine = call(counted, of_all);
    format!("{mine} {}", child.join())
}

/// What an exploration came to, and all outcomes of its body.
fn outcomes(
    explore: impl FnOnce(Box<dyn Fn() + Send + Sync>) -> Exploration,
    body: fn() -> String,
) -> (Exploration, BTreeSet<String>) {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let all = Arc::clone(&seen);
    let exploration = explore(Box::new(move || {
        let outcome = body();
        arena::outside(|| all.lock().unwrap_or_else(PoisonError::into_inner).insert(outcome));
    }));
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (exploration, seen)
}

/// The outcomes under every engine, each of which has explored everything.
fn on_all(of: [fn() -> String; 3]) -> Vec<BTreeSet<String>> {
    let [controlled, on_loom, on_shuttle] = of;
    let depth_first = shuttle::Strategy::DepthFirst;
    let all = [
        outcomes(|body| dpor::explore(&dpor::Options::default(), body), controlled),
        outcomes(|body| rc11::explore(&rc11::Options::default(), body), controlled),
        outcomes(|body| loom::explore(loom::Options::default(), body), on_loom),
        outcomes(|body| shuttle::explore(depth_first, shuttle::Options::default(), body), on_shuttle),
    ];
    let proved = |(exploration, outcomes): (Exploration, BTreeSet<String>)| {
        assert!(exploration.failure.is_none(), "{exploration:?}");
        assert_eq!(exploration.extent, Extent::Exhausted);
        assert!(exploration.executions > 1, "{exploration:?}");
        outcomes
    };
    all.map(proved).into()
}

fn is_exactly(all: &[BTreeSet<String>], truth: &[&str]) {
    let truth: BTreeSet<String> = truth.iter().map(|&outcome| outcome.to_owned()).collect();
    assert!(all.iter().all(|outcomes| *outcomes == truth), "{all:?} and not {truth:?}");
}

#[test]
fn each_modelled_thread_has_its_own_and_begins_anew() {
    PLAIN.set(99);
    let all = on_all([each_has_its_own::<Controlled>, each_has_its_own::<Loom>, each_has_its_own::<Shuttle>]);
    is_exactly(&all, &["(5, \"nobody\") 3 main [3, 5], (5, \"nobody\") 7 child [7, 5]"]);
    assert_eq!(PLAIN.get(), 99, "the thread of the machine has its own as well");
}

#[test]
fn a_guard_against_recursion_is_of_its_thread() {
    let own = on_all([
        || comes_back::<Controlled>(false),
        || comes_back::<Loom>(false),
        || comes_back::<Shuttle>(false),
    ]);
    is_exactly(&own, &["false false"]);
    // The broken twin has one for all threads.
    let of_all = on_all([
        || comes_back::<Controlled>(true),
        || comes_back::<Loom>(true),
        || comes_back::<Shuttle>(true),
    ]);
    is_exactly(&of_all, &["false false", "false true", "true false"]);
}

/// A loop that counts its turns in one. The address of the counter is the same in each turn, and so is all that the thread
/// has on its stack.
fn counts_its_turns() -> String {
    thread_local! {
        static TURNS: Cell<u32> = const { Cell::new(0) };
    }
    let flag = word::<Controlled>();
    let other = Arc::clone(&flag);
    let setter = Controlled::spawn(move || other.store(1, Release));
    while flag.load(Acquire) == 0 {
        TURNS.set(TURNS.get() + 1);
        Controlled::yield_now();
    }
    setter.join();
    TURNS.get().min(3).to_string()
}

#[test]
fn a_loop_that_counts_its_turns_in_one_is_not_taken_to_repeat() {
    let by_dpor = outcomes(|body| dpor::explore(&dpor::Options::default(), body), counts_its_turns);
    let by_rc11 = outcomes(|body| rc11::explore(&rc11::Options::default(), body), counts_its_turns);
    for (exploration, outcomes) in [by_dpor, by_rc11] {
        assert!(matches!(exploration.extent, Extent::Bounded(Bound::Turns(_))), "{exploration:?}");
        is_exactly(&[outcomes], &["0", "1", "2", "3"]);
    }
}

/// Told by its drop.
struct Tells<R: Runtime>(Arc<Word<R>>);

impl<R: Runtime> Drop for Tells<R> {
    fn drop(&mut self) {
        self.0.fetch_add(1, AcqRel);
    }
}

/// A value with a destructor, in each of the two forms that there are, for each runtime.
macro_rules! tells_its_drop {
    ($name:ident, $runtime:ty) => {
        fn $name() -> String {
            thread_local! {
                static MADE: RefCell<Option<Tells<$runtime>>> = const { RefCell::new(None) };
                static LAZY: RefCell<Vec<Tells<$runtime>>> = RefCell::new(Vec::new());
            }
            let word = word::<$runtime>();
            let other = Arc::clone(&word);
            let child = <$runtime as Runtime>::spawn(move || {
                MADE.set(Some(Tells(Arc::clone(&other))));
                LAZY.with_borrow_mut(|values| values.push(Tells(other)));
            });
            let seen = word.load(Acquire);
            child.join();
            format!("{seen} {}", word.load(Acquire))
        }
    };
}

tells_its_drop!(drops_on_controlled, Controlled);
tells_its_drop!(drops_on_loom, Loom);
tells_its_drop!(drops_on_shuttle, Shuttle);

/// As on threads of the machine: by operations of the thread that ends, and before a join of it returns.
#[test]
fn a_value_is_dropped_at_the_end_of_its_modelled_thread() {
    let all = on_all([drops_on_controlled, drops_on_loom, drops_on_shuttle]);
    is_exactly(&all, &["0 2", "1 2", "2 2"]);
}

/// A value is borrowed while other threads run, which have one of their own at the same address.
#[test]
fn a_value_may_be_borrowed_while_others_run() {
    fn borrows() -> String {
        let word = word::<Controlled>();
        let add = move |word: Arc<Word<Controlled>>, value: u32| {
            LAZY.with_borrow_mut(|values| {
                values.push(value);
                word.fetch_add(1, AcqRel);
                values.push(value);
                word.fetch_add(1, AcqRel);
                format!("{values:?}")
            })
        };
        let other = Arc::clone(&word);
        let child = Controlled::spawn(move || add(other, 7));
        let mine = add(word, 3);
        format!("{mine} {}", child.join())
    }
    let by_dpor = outcomes(|body| dpor::explore(&dpor::Options::default(), body), borrows);
    assert_eq!(by_dpor.0.extent, Extent::Exhausted);
    is_exactly(&[by_dpor.1], &["[5, 3, 3] [5, 7, 7]"]);
}

/// What an execution leaves in one when it is given up or fails is not there in the next.
#[test]
fn nothing_is_left_by_an_execution_that_failed() {
    let broken = || {
        let found = PLAIN.replace(7);
        assert_eq!(found, 5);
        Controlled::yield_now();
        panic!("it fails here");
    };
    for _ in 0..2 {
        let failure = dpor::explore(&dpor::Options::default(), broken).failure.map(|failure| failure.kind);
        assert_eq!(failure, Some(FailureKind::Panic { message: "it fails here".to_owned() }));
        assert_eq!(PLAIN.get(), 5);
    }
    assert!(locals::are_separate());
}
