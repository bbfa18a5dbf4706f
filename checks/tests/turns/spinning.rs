//! Locks that are spun at without a yield or a hint, after other work: they end, and their broken twins are refuted.

mod drawn;

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::Arc;

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Bound, Exploration, Extent, FailureKind};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};

/// Two words of a lock.
struct Words<R: Runtime> {
    one: R::AtomicU32,
    other: R::AtomicU32,
}

/// How a lock is taken and given back.
trait Lock {
    fn take<R: Runtime>(words: &Words<R>) -> u32;

    fn give<R: Runtime>(words: &Words<R>, _ticket: u32) {
        words.one.store(0, Release);
    }
}

struct ByExchange;

impl Lock for ByExchange {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        while words.one.compare_exchange(0, 1, Acquire, Relaxed).is_err() {}
        0
    }
}

struct ByWeakExchange;

impl Lock for ByWeakExchange {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        while words.one.compare_exchange_weak(0, 1, Acquire, Relaxed).is_err() {}
        0
    }
}

struct BySwap;

impl Lock for BySwap {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        while words.one.swap(1, Acquire) == 1 {}
        0
    }
}

/// Looks until the lock is free, and tries then.
struct LooksFirst;

impl Lock for LooksFirst {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        loop {
            while words.one.load(Relaxed) == 1 {}
            if words.one.compare_exchange(0, 1, Acquire, Relaxed).is_ok() {
                return 0;
            }
        }
    }
}

/// Tries, and looks while it is in vain.
struct TriesFirst;

impl Lock for TriesFirst {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        while words.one.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
            while words.one.load(Relaxed) == 1 {}
        }
        0
    }
}

struct ByTicket;

impl Lock for ByTicket {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        let ticket = words.one.fetch_add(1, AcqRel);
        while words.other.load(Acquire) != ticket {}
        ticket
    }

    fn give<R: Runtime>(words: &Words<R>, ticket: u32) {
        words.other.store(ticket + 1, Release);
    }
}

/// Broken: what it has seen need not hold any more when it takes the lock.
struct LooksAndStores;

impl Lock for LooksAndStores {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        while words.one.load(Acquire) == 1 {}
        words.one.store(1, Relaxed);
        0
    }
}

/// Broken: a thread that has tried twice goes in.
struct Impatient;

impl Lock for Impatient {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        let mut tries = 0;
        while words.one.swap(1, Acquire) == 1 && tries < 2 {
            tries += 1;
        }
        0
    }
}

/// Broken: nobody gives it back.
struct Keeps;

impl Lock for Keeps {
    fn take<R: Runtime>(words: &Words<R>) -> u32 {
        ByExchange::take::<R>(words)
    }

    fn give<R: Runtime>(_: &Words<R>, _: u32) {}
}

struct Shared<R: Runtime> {
    words: Words<R>,
    work: R::AtomicU32,
    count: R::UnsafeCell<u32>,
}

// SAFETY: only a thread that holds the lock touches the count; where the lock is broken the engine refuses the access.
unsafe impl<R: Runtime> Sync for Shared<R> {}
// SAFETY: as above; what it holds can be sent.
unsafe impl<R: Runtime> Send for Shared<R> {}

/// So many threads do other work and then add one under the lock, so many times each.
fn adds<R: Runtime, L: Lock>(threads: u32, times: u32) {
    let shared = Arc::new(Shared::<R> {
        words: Words { one: Atomic::new(0), other: Atomic::new(0) },
        work: Atomic::new(0),
        count: UnsafeCell::new(0),
    });
    let add = |shared: Arc<Shared<R>>| {
        move || {
            for _ in 0..times {
                shared.work.load(Relaxed);
                let ticket = L::take::<R>(&shared.words);
                // SAFETY: see the type.
                shared.count.with_mut(|count| unsafe { *count += 1 });
                L::give::<R>(&shared.words, ticket);
            }
        }
    };
    let others: Vec<_> = (1..threads).map(|_| R::spawn(add(Arc::clone(&shared)))).collect();
    add(Arc::clone(&shared))();
    others.into_iter().for_each(JoinHandle::join);
    // SAFETY: all threads that touched it have ended.
    let count = shared.count.with(|count| unsafe { *count });
    assert_eq!(count, threads * times);
}

fn by_dpor<L: Lock>(threads: u32, times: u32) -> Exploration {
    dpor::explore(&dpor::Options::default(), move || adds::<Controlled, L>(threads, times))
}

fn by_rc11<L: Lock>(threads: u32, times: u32) -> Exploration {
    rc11::explore(&rc11::Options::default(), move || adds::<Controlled, L>(threads, times))
}

#[track_caller]
fn assert_exhausted<L: Lock>(threads: u32, times: u32, executions: u64) {
    let seen = by_dpor::<L>(threads, times);
    assert_eq!(seen, Exploration { executions, abandoned: 0, extent: Extent::Exhausted, failure: None });
}

#[test]
fn locks_that_are_spun_at_are_exhausted_for_two_threads() {
    assert_exhausted::<ByExchange>(2, 1, 6);
    assert_exhausted::<ByExchange>(2, 2, 110);
    assert_exhausted::<ByWeakExchange>(2, 1, 44);
    assert_exhausted::<BySwap>(2, 2, 110);
    assert_exhausted::<LooksFirst>(2, 2, 1_257);
    assert_exhausted::<TriesFirst>(2, 2, 418);
    assert_exhausted::<ByTicket>(2, 2, 128);
}

#[test]
fn locks_that_are_spun_at_are_exhausted_for_three_threads() {
    assert_exhausted::<ByExchange>(3, 1, 126);
    assert_exhausted::<ByWeakExchange>(3, 1, 6_864);
    assert_exhausted::<BySwap>(3, 1, 246);
    assert_exhausted::<LooksFirst>(3, 1, 1_878);
    assert_exhausted::<TriesFirst>(3, 1, 712);
    assert_exhausted::<ByTicket>(3, 1, 246);
}

/// Three threads that take it twice have more executions than are worth it.
#[test]
fn what_is_spun_at_in_too_many_ways_is_given_up() {
    let options = dpor::Options { executions_with_turns: Some(2_000), ..dpor::Options::default() };
    let seen = dpor::explore(&options, || adds::<Controlled, ByExchange>(3, 2));
    assert_eq!((seen.failure, seen.extent), (None, Extent::Bounded(Bound::Executions(2_000))));
}

#[test]
fn locks_that_are_spun_at_are_right_under_weak_memory() {
    let assert_says = |seen: Exploration, extent: Extent| {
        assert_eq!((seen.failure, seen.extent), (None, extent));
        assert!(seen.executions > 0);
    };
    assert_says(by_rc11::<ByExchange>(2, 1), Extent::Exhausted);
    assert_says(by_rc11::<ByWeakExchange>(2, 1), Extent::Exhausted);
    assert_says(by_rc11::<LooksFirst>(2, 1), Extent::Exhausted);
    assert_says(by_rc11::<TriesFirst>(2, 1), Extent::Exhausted);
    assert_says(by_rc11::<ByTicket>(2, 1), Extent::Exhausted);
    assert_says(by_rc11::<BySwap>(2, 1), Extent::Bounded(Bound::Turns(10)));
}

#[test]
fn broken_locks_that_are_spun_at_are_refuted() {
    let is_race = |seen: Exploration| {
        let kind = seen.failure.expect("it is broken").kind;
        assert!(matches!(kind, FailureKind::DataRace { .. }), "{kind:?}");
    };
    for threads in [2, 3] {
        is_race(by_dpor::<LooksAndStores>(threads, 1));
        is_race(by_dpor::<Impatient>(threads, 1));
        is_race(by_rc11::<LooksAndStores>(threads, 1));
        is_race(by_rc11::<Impatient>(threads, 1));
        let kept = by_dpor::<Keeps>(threads, 1).failure.expect("it is never given back").kind;
        assert!(matches!(kept, FailureKind::Unbounded { cycle: true, .. }), "{kept:?}");
    }
}
