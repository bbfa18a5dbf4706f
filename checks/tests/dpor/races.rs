//! Data races: hand-overs of a cell that are ordered, and those that are not.

use core::sync::atomic::Ordering::{self, Acquire, Relaxed, Release};
use std::sync::Arc;

use cancelproof::engine::dpor::Options;
use cancelproof::exploration::{Extent, FailureKind};
use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};

use crate::on_both::{explore_both, failure};

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

pub(crate) fn hand_over_released<R: Runtime>() {
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
        assert!(first.contains("races.rs:") && second.contains("races.rs:"), "{first}, {second}");
        assert_ne!(first, second);
    }
}
