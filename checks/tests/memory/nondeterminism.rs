//! What a program does must follow from the runtime's replies alone: what else it follows from is found and named.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use cancelproof::engine::shuttle::{self, Strategy};
use cancelproof::engine::{dpor, loom, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::outcome;
use cancelproof::platform::{Loom, Shuttle};
use cancelproof_model::runtime::{Atomic, JoinHandle, Runtime};

type Word = <Controlled as Runtime>::AtomicU64;

fn word(value: u64) -> Arc<Word> {
    Arc::new(Word::new(value))
}

/// A store by a thread and a load by another, and what is done between the two being made and performed.
fn store_and_load(value: u64, and: impl FnOnce(&Word)) {
    let one = word(0);
    let other = Arc::clone(&one);
    let child = Controlled::spawn(move || other.store(value, Release));
    and(&one);
    one.load(Acquire);
    child.join();
}

fn explored(body: fn()) -> [Exploration; 2] {
    [dpor::explore(&dpor::Options::default(), body), rc11::explore(&rc11::Options::default(), body)]
}

/// Either engine names the line, which is in this file.
fn refuted(body: fn()) {
    for exploration in explored(body) {
        let failure = exploration.failure.as_ref().map(|failure| &failure.kind);
        let Some(FailureKind::Nondeterminism { message }) = failure else {
            panic!("expected nondeterminism, and not {exploration:?}");
        };
        assert!(message.contains("nondeterminism.rs"), "{message}");
    }
}

/// The very first run does something that no other does.
#[test]
fn static_that_is_warm_after_the_first_run() {
    static COLD: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    fn body<const ENGINE: usize>() {
        store_and_load(1, |word| {
            if COLD[ENGINE].fetch_add(1, Relaxed) == 0 {
                word.fetch_add(0, AcqRel);
            }
        });
    }
    let dpor = dpor::explore(&dpor::Options::default(), body::<0>);
    let rc11 = rc11::explore(&rc11::Options::default(), body::<1>);
    for exploration in [dpor, rc11] {
        let kind = exploration.failure.map(|failure| failure.kind);
        assert!(matches!(kind, Some(FailureKind::Nondeterminism { .. })), "{kind:?}");
    }
}

/// The first run writes another value than all others, by the same line.
#[test]
fn value_that_is_another_in_the_first_run() {
    static COLD: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    fn body<const ENGINE: usize>() {
        store_and_load(COLD[ENGINE].fetch_add(1, Relaxed).min(1), |_| ());
    }
    let dpor = dpor::explore(&dpor::Options::default(), body::<0>);
    let rc11 = rc11::explore(&rc11::Options::default(), body::<1>);
    for exploration in [dpor, rc11] {
        let kind = exploration.failure.map(|failure| failure.kind);
        let Some(FailureKind::Nondeterminism { message }) = kind else { panic!("{kind:?}") };
        assert!(message.contains("value 0") && message.contains("value 1"), "{message}");
    }
}

#[test]
fn static_that_alternates() {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    refuted(|| {
        store_and_load(1, |word| {
            if RUNS.fetch_add(1, Relaxed).is_multiple_of(2) {
                word.store(2, Release);
            } else {
                let _ = word.load(Acquire);
            }
        });
    });
}

#[test]
fn order_that_is_random() {
    refuted(|| {
        let map: std::collections::HashSet<usize> = (0..8).collect();
        let words: Vec<_> = (0..8).map(|_| word(0)).collect();
        let copy = words.clone();
        let child = Controlled::spawn(move || {
            for key in &map {
                copy[*key].store(1, Release);
            }
        });
        words[0].load(Acquire);
        child.join();
    });
}

#[test]
fn value_that_is_random() {
    refuted(|| store_and_load(RandomState::new().build_hasher().finish(), |_| ()));
}

/// Right programs, among them one that stores addresses, and one that warms a static up which it only reads later.
#[test]
fn what_follows_from_replies_alone_is_proved() {
    static TABLE: std::sync::OnceLock<Vec<u64>> = std::sync::OnceLock::new();
    let bodies: [fn(); 3] = [
        || store_and_load(7, |_| ()),
        || {
            let kept = Box::new(1_u8);
            store_and_load(core::ptr::from_ref(&*kept).addr() as u64, |_| ());
        },
        || store_and_load(TABLE.get_or_init(|| vec![3])[0], |_| ()),
    ];
    for body in bodies {
        for exploration in explored(body) {
            assert!(exploration.failure.is_none(), "{exploration:?}");
            assert_eq!((exploration.executions, &exploration.extent), (2, &Extent::Exhausted));
        }
    }
}

/// Who can go on at each step is all that shuttle tells; what only the first run does shows in it, to its depth-first
/// search at once, to the others when the first run is run again.
#[test]
fn shuttle_offers_other_choices_after_the_first_run() {
    type Word = <Shuttle as Runtime>::AtomicU64;
    fn explored(strategy: Strategy, body: impl Fn() + Send + Sync + 'static) -> Exploration {
        shuttle::explore(strategy, shuttle::Options::default(), body)
    }
    fn two(cold: bool) {
        let one = Arc::new(<Word as Atomic<u64>>::new(0));
        let other = Arc::clone(&one);
        let child = Shuttle::spawn(move || other.store(1, Release));
        if cold {
            one.load(Acquire);
        }
        one.load(Acquire);
        child.join();
    }
    static COLD: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    let random = Strategy::Random { seed: 5, samples: 10 };
    let refuted = [
        explored(Strategy::DepthFirst, || two(COLD[0].fetch_add(1, Relaxed) == 0)),
        explored(random, || two(COLD[1].fetch_add(1, Relaxed) == 0)),
    ];
    for exploration in refuted {
        let kind = exploration.failure.map(|failure| failure.kind);
        assert!(matches!(kind, Some(FailureKind::Nondeterminism { .. })), "{kind:?}");
    }
    assert_eq!(explored(random, || two(true)).failure, None);
    let right = explored(Strategy::DepthFirst, || two(true));
    assert_eq!((right.failure, right.extent), (None, Extent::Exhausted));
}

/// What a body of two threads came to: what it read, and whether this was the first of its executions.
fn says<R: Runtime>(runs: &AtomicU64) {
    let one = Arc::new(<R::AtomicU64 as Atomic<u64>>::new(0));
    let other = Arc::clone(&one);
    let child = R::spawn(move || other.store(1, Release));
    let read = one.load(Acquire);
    child.join();
    let is_cold = runs.fetch_add(1, Relaxed) == 0;
    outcome::came_to(|| format!("read {read}, cold: {is_cold}"));
}

/// No operation differs, and no choice; only what is computed does.
#[test]
fn what_the_first_run_computes_otherwise_is_found_by_every_engine() {
    static COLD: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];
    static WARM: AtomicU64 = AtomicU64::new(1);
    let refuted = [
        dpor::explore(&dpor::Options::default(), || says::<Controlled>(&COLD[0])),
        rc11::explore(&rc11::Options::default(), || says::<Controlled>(&COLD[1])),
        loom::explore(loom::Options::default(), || says::<Loom>(&COLD[2])),
        shuttle::explore(Strategy::DepthFirst, shuttle::Options::default(), || says::<Shuttle>(&COLD[3])),
    ];
    for exploration in refuted {
        let kind = exploration.failure.map(|failure| failure.kind);
        let Some(FailureKind::Nondeterminism { message }) = kind else { panic!("{kind:?}") };
        assert!(message.contains("cold: true, then read") && message.contains("cold: false"), "{message}");
    }
    let right = [
        dpor::explore(&dpor::Options::default(), || says::<Controlled>(&WARM)),
        rc11::explore(&rc11::Options::default(), || says::<Controlled>(&WARM)),
        loom::explore(loom::Options::default(), || says::<Loom>(&WARM)),
        shuttle::explore(Strategy::DepthFirst, shuttle::Options::default(), || says::<Shuttle>(&WARM)),
    ];
    for exploration in right {
        assert_eq!((exploration.failure, exploration.extent), (None, Extent::Exhausted));
    }
}
