//! What frees by a count of its own: the orderings of `bytes` and of the standard library, and what is weaker.

use cancelproof::sync::controlled::atomic::{AtomicUsize, Ordering, fence};
use cancelproof::thread::controlled as thread;

use super::{Raw, right, wrong};

/// The memory that several handles share, and how many there are.
struct Shared {
    count: AtomicUsize,
    data: AtomicUsize,
}

fn shared() -> Raw<Shared> {
    Raw::boxed(Shared { count: AtomicUsize::new(2), data: AtomicUsize::new(0) })
}

/// Two handles: each uses what is shared, and whoever drops the second one frees it.
fn two_handles(release: fn(Raw<Shared>)) {
    let shared = shared();
    let other = thread::spawn(move || {
        shared.get().data.load(Ordering::Relaxed);
        release(shared);
    });
    shared.get().data.store(1, Ordering::Relaxed);
    release(shared);
    other.join().unwrap();
}

#[test]
fn a_count_that_releases_and_a_fence_that_acquires_free_rightly() {
    right(|| {
        two_handles(|shared| {
            if shared.get().count.fetch_sub(1, Ordering::Release) == 1 {
                fence(Ordering::Acquire);
                shared.free();
            }
        });
    });
    right(|| {
        two_handles(|shared| {
            // The form of `bytes`, which has a load in place of the fence.
            if shared.get().count.fetch_sub(1, Ordering::Release) == 1 {
                shared.get().count.load(Ordering::Acquire);
                shared.free();
            }
        });
    });
    right(|| {
        two_handles(|shared| {
            if shared.get().count.fetch_sub(1, Ordering::AcqRel) == 1 {
                shared.free();
            }
        });
    });
}

#[test]
fn a_count_that_does_not_release_frees_what_others_use() {
    wrong(|| {
        two_handles(|shared| {
            if shared.get().count.fetch_sub(1, Ordering::Relaxed) == 1 {
                fence(Ordering::Acquire);
                shared.free();
            }
        });
    });
}

#[test]
fn a_count_that_does_not_acquire_frees_what_others_use() {
    wrong(|| {
        two_handles(|shared| {
            if shared.get().count.fetch_sub(1, Ordering::Release) == 1 {
                shared.free();
            }
        });
    });
}

#[test]
fn whoever_touches_the_count_once_more_is_too_late() {
    wrong(|| {
        two_handles(|shared| {
            if shared.get().count.fetch_sub(1, Ordering::AcqRel) == 1 {
                shared.free();
            } else {
                shared.get().count.load(Ordering::Relaxed);
            }
        });
    });
}

#[test]
fn a_reference_that_is_taken_by_whoever_has_none_is_too_late() {
    wrong(|| {
        let shared = Raw::boxed(Shared { count: AtomicUsize::new(1), data: AtomicUsize::new(0) });
        let other = thread::spawn(move || {
            if shared.get().count.fetch_add(1, Ordering::Relaxed) == 0 {
                return;
            }
            shared.get().data.load(Ordering::Relaxed);
            if shared.get().count.fetch_sub(1, Ordering::AcqRel) == 1 {
                shared.free();
            }
        });
        if shared.get().count.fetch_sub(1, Ordering::AcqRel) == 1 {
            shared.free();
        }
        other.join().unwrap();
    });
}
