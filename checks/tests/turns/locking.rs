//! Locks that look until they are free: a thread may have left its loop, hold the lock, and be asleep in the search.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::Arc;

use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime};

use super::{All, by_dpor};
use cancelproof::engine::dpor;
use cancelproof::executor::Controlled;

/// Two threads that each add one under a lock so many times. A thread that does not get the lock looks until it is free.
fn adds_under_a_lock<R: Runtime>(times: u32) -> String {
    let shared = Arc::new((R::AtomicU32::new(0), R::AtomicU32::new(0)));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let shared = Arc::clone(&shared);
            R::spawn(move || {
                let (lock, count) = &*shared;
                for _ in 0..times {
                    while lock.compare_exchange(0, 1, Acquire, Relaxed).is_err() {
                        while lock.load(Relaxed) == 1 {
                            R::yield_now();
                        }
                    }
                    count.store(count.load(Relaxed) + 1, Relaxed);
                    lock.store(0, Release);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(JoinHandle::join);
    shared.1.load(Relaxed).to_string()
}

fn thrice() -> String {
    adds_under_a_lock::<Controlled>(3)
}

fn twice() -> String {
    adds_under_a_lock::<Controlled>(2)
}

/// A thread that has left its loop with the lock in its hands counted as one that waits; where the search let it sleep, the other
/// one waited alone, and that was called a livelock.
#[test]
fn a_thread_that_waits_for_one_that_sleeps_is_in_no_livelock() {
    by_dpor(twice, &dpor::Options::default()).assert("dpor", &["4"], All);
    by_dpor(thrice, &dpor::Options::default()).assert("dpor", &["6"], All);
}
