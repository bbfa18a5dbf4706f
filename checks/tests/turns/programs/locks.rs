//! Locks that code has made for itself, and what waits for a lock.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::Arc;

use cancelproof::model::runtime::{Atomic, JoinHandle, Mutex, Runtime};

use super::{Word, word};

/// A lock by swap: a thread that finds it taken writes what was there.
pub(crate) fn locks_by_swap<R: Runtime>() -> String {
    let (lock, inside) = (word::<R>(0), word::<R>(0));
    let enter = |lock: Arc<Word<R>>, inside: Arc<Word<R>>| {
        move || {
            while lock.swap(1, AcqRel) == 1 {
                R::yield_now();
            }
            let before = inside.load(Relaxed);
            inside.store(before + 1, Relaxed);
            lock.store(0, Release);
            before
        }
    };
    let other = R::spawn(enter(Arc::clone(&lock), Arc::clone(&inside)));
    let mine = enter(lock, inside)();
    format!("{mine}{}", other.join())
}

/// A lock by tickets.
pub(crate) fn locks_by_ticket<R: Runtime>() -> String {
    let (next, serving) = (word::<R>(0), word::<R>(0));
    let enter = |next: Arc<Word<R>>, serving: Arc<Word<R>>| {
        move || {
            let mine = next.fetch_add(1, AcqRel);
            while serving.load(Acquire) != mine {
                R::yield_now();
            }
            serving.store(mine + 1, Release);
            mine
        }
    };
    let other = R::spawn(enter(Arc::clone(&next), Arc::clone(&serving)));
    let mine = enter(next, serving)();
    format!("{mine}{}", other.join())
}

/// Looks at what a lock protects until another has changed it.
pub(crate) fn waits_under_a_lock<R: Runtime>() -> String {
    let open = Arc::new(<R::Mutex<bool> as Mutex<bool>>::new(false));
    let copy = Arc::clone(&open);
    let opener = R::spawn(move || *copy.lock() = true);
    while !*open.lock() {
        R::yield_now();
    }
    opener.join();
    "done".into()
}

/// Each raises a flag, and lowers it again while the other's is raised: with bad luck for ever.
pub(crate) fn gives_way<R: Runtime>() -> String {
    let (one, two) = (word::<R>(0), word::<R>(0));
    let enter = |mine: Arc<Word<R>>, theirs: Arc<Word<R>>| {
        move || {
            loop {
                mine.store(1, core::sync::atomic::Ordering::SeqCst);
                let is_free = theirs.load(core::sync::atomic::Ordering::SeqCst) == 0;
                mine.store(0, core::sync::atomic::Ordering::SeqCst);
                if is_free {
                    break;
                }
                R::yield_now();
            }
        }
    };
    let other = R::spawn(enter(Arc::clone(&one), Arc::clone(&two)));
    enter(two, one)();
    other.join();
    "done".into()
}

/// Three threads take a lock by a swap, and one of them tells how often it tried in vain.
pub(crate) fn counts_at_a_lock<R: Runtime>() -> String {
    let lock = word::<R>(0);
    let enter = |lock: Arc<Word<R>>| {
        move || {
            let mut failures = 0_u64;
            while lock.swap(1, AcqRel) == 1 {
                failures += 1;
                R::yield_now();
            }
            lock.store(0, Release);
            failures
        }
    };
    let others = [(); 2].map(|()| R::spawn(enter(Arc::clone(&lock))));
    let failures = enter(lock)();
    let _ = others.map(JoinHandle::join);
    failures.min(3).to_string()
}
