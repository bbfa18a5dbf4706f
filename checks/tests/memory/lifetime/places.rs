//! Where objects lie, and how they end there.

use std::mem::MaybeUninit;
use std::ptr;

use cancelproof::cell::controlled::UnsafeCell;
use cancelproof::sync::controlled::atomic::{AtomicU32, AtomicUsize, Ordering};
use cancelproof::sync::controlled::{Arc, Condvar, Mutex, RwLock};
use cancelproof::thread::controlled as thread;

use super::{Raw, right, wrong};

/// A request that two threads have: one says that it is complete, the other waits for that and frees it.
struct Request {
    is_done: AtomicU32,
    waker: AtomicU32,
}

fn completed(complete: fn(&Request)) {
    let request = Raw::boxed(Request { is_done: AtomicU32::new(0), waker: AtomicU32::new(0) });
    let completer = thread::spawn(move || complete(request.get()));
    if request.get().is_done.load(Ordering::Acquire) == 1 {
        request.free();
        completer.join().unwrap();
    } else {
        completer.join().unwrap();
        request.free();
    }
}

#[test]
fn the_waker_is_taken_before_the_end_is_told() {
    right(|| {
        completed(|request| {
            request.waker.load(Ordering::Acquire);
            request.is_done.store(1, Ordering::Release);
        });
    });
    wrong(|| {
        completed(|request| {
            request.is_done.store(1, Ordering::Release);
            request.waker.load(Ordering::Acquire);
        });
    });
}

/// Nothing but the order of the store orders the load before the end.
#[test]
fn the_end_is_told_by_a_store_that_releases() {
    wrong(|| {
        completed(|request| {
            request.waker.load(Ordering::Acquire);
            request.is_done.store(1, Ordering::Relaxed);
        });
    });
}

#[test]
fn an_object_on_a_stack_ends_with_its_frame() {
    right(|| {
        let word = AtomicU32::new(0);
        let place = Raw::of(&word);
        let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        word.fetch_add(1, Ordering::Relaxed);
        other.join().unwrap();
    });
    wrong(|| {
        let other = {
            let word = AtomicU32::new(0);
            let place = Raw::of(&word);
            let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
            word.fetch_add(1, Ordering::Relaxed);
            other
        };
        other.join().unwrap();
    });
}

/// Nobody else uses it, not even whoever drops it.
#[test]
fn an_object_that_its_owner_never_used_ends_as_well() {
    wrong(|| {
        let meeting = Arc::new(AtomicU32::new(0));
        let word = Box::new(AtomicU32::new(0));
        let place = Raw::of(&*word);
        let met = meeting.clone();
        let other = thread::spawn(move || {
            met.fetch_add(1, Ordering::Relaxed);
            place.get().load(Ordering::Relaxed);
        });
        meeting.fetch_add(1, Ordering::Relaxed);
        drop(word);
        other.join().unwrap();
    });
}

#[test]
fn an_object_is_dropped_in_its_place_by_hand() {
    struct Slot(UnsafeCell<MaybeUninit<AtomicU32>>);
    fn used(ends_before: bool) {
        let slot = Raw::boxed(Slot(UnsafeCell::new(MaybeUninit::new(AtomicU32::new(3)))));
        let place = slot.get().0.with(|value| Raw(value.cast_mut().cast::<AtomicU32>()));
        let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        place.get().fetch_add(1, Ordering::Relaxed);
        let mut other = Some(other);
        if !ends_before {
            other.take().unwrap().join().unwrap();
        }
        // SAFETY: the slot is full; that nobody uses it is what is asked.
        unsafe { ptr::drop_in_place(place.0) };
        if let Some(other) = other {
            other.join().unwrap();
        }
    }
    right(|| used(false));
    wrong(|| used(true));
}

/// What is written over another without dropping it is a new object, whatever was there.
#[test]
fn a_new_object_at_an_old_place_is_a_new_one() {
    right(|| {
        let place = Raw::boxed(AtomicU32::new(3));
        place.get().store(4, Ordering::Relaxed);
        let reader = thread::spawn(move || place.get().load(Ordering::Relaxed));
        place.get().store(5, Ordering::Relaxed);
        reader.join().unwrap();
        for dropped in [true, false] {
            if dropped {
                // SAFETY: nobody uses it.
                unsafe { ptr::drop_in_place(place.0) };
            }
            // SAFETY: as above.
            unsafe { ptr::write(place.0, AtomicU32::new(7)) };
            assert_eq!(place.get().load(Ordering::Relaxed), 7);
            let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
            place.get().fetch_add(1, Ordering::Relaxed);
            other.join().unwrap();
        }
        place.free();
    });
}

#[test]
fn an_object_that_moves_is_the_same_one() {
    fn moved(joins_first: bool) {
        let word = AtomicU32::new(0);
        word.store(1, Ordering::Relaxed);
        let word = Raw::boxed([word]);
        let other = thread::spawn(move || word.get()[0].fetch_add(1, Ordering::Relaxed));
        word.get()[0].fetch_add(1, Ordering::Relaxed);
        let mut other = Some(other);
        if joins_first {
            other.take().unwrap().join().unwrap();
        }
        word.free();
        if let Some(other) = other {
            other.join().unwrap();
        }
    }
    right(|| moved(true));
    wrong(|| moved(false));
}

#[test]
fn what_is_forgotten_has_no_end() {
    right(|| {
        let word: &AtomicU32 = Box::leak(Box::new(AtomicU32::new(0)));
        let other = thread::spawn(|| word.fetch_add(1, Ordering::Relaxed));
        word.fetch_add(1, Ordering::Relaxed);
        drop(other);
    });
    right(|| {
        let word = AtomicU32::new(0);
        let place = Raw::of(&word);
        let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        place.get().fetch_add(1, Ordering::Relaxed);
        other.join().unwrap();
        std::mem::forget(word);
    });
}

#[test]
fn a_lock_ends_after_everybody_has_left_it() {
    fn locked(joins_first: bool) {
        let lock = Raw::boxed(Mutex::new(0));
        let other = thread::spawn(move || *lock.get().lock().unwrap() += 1);
        *lock.get().lock().unwrap() += 1;
        if joins_first {
            other.join().unwrap();
            lock.free();
        } else {
            lock.free();
            other.join().unwrap();
        }
    }
    right(|| locked(true));
    wrong(|| locked(false));
}

/// The count that the lock protects orders the end, as the lock's own release does.
#[test]
fn a_lock_may_be_freed_by_whoever_leaves_it_last() {
    right(|| {
        let lock = Raw::boxed(Mutex::new(2));
        let leave = move || {
            let mut count = lock.get().lock().unwrap();
            *count -= 1;
            let is_last = *count == 0;
            drop(count);
            if is_last {
                lock.free();
            }
        };
        let other = thread::spawn(leave);
        leave();
        other.join().unwrap();
    });
}

#[test]
fn a_shared_lock_ends_as_well() {
    fn shared(joins_first: bool) {
        let lock = Raw::boxed(RwLock::new(0));
        let other = thread::spawn(move || *lock.get().read().unwrap());
        *lock.get().write().unwrap() += 1;
        if joins_first {
            other.join().unwrap();
            lock.free();
        } else {
            lock.free();
            other.join().unwrap();
        }
    }
    right(|| shared(true));
    wrong(|| shared(false));
}

/// Whoever waits may wake up, and free it, as soon as it can take the lock.
#[test]
fn a_condvar_is_notified_under_the_lock_if_a_waiter_frees_it() {
    fn notified(under_lock: bool) {
        let pair = Raw::boxed((Mutex::new(false), Condvar::new()));
        let other = thread::spawn(move || {
            let mut is_set = pair.get().0.lock().unwrap();
            *is_set = true;
            if under_lock {
                pair.get().1.notify_one();
            }
            drop(is_set);
            if !under_lock {
                pair.get().1.notify_one();
            }
        });
        let mut is_set = pair.get().0.lock().unwrap();
        while !*is_set {
            is_set = pair.get().1.wait(is_set).unwrap();
        }
        drop(is_set);
        pair.free();
        other.join().unwrap();
    }
    right(|| notified(true));
    wrong(|| notified(false));
}

#[test]
fn a_cell_ends_after_its_last_access() {
    fn read(joins_first: bool) {
        let cell = Raw::boxed((AtomicUsize::new(0), UnsafeCell::new(5)));
        let other = thread::spawn(move || {
            cell.get().0.fetch_add(1, Ordering::Relaxed);
            // SAFETY: nobody writes it.
            cell.get().1.with(|value| unsafe { *value })
        });
        cell.get().0.fetch_add(1, Ordering::Relaxed);
        if joins_first {
            other.join().unwrap();
            cell.free();
        } else {
            cell.free();
            other.join().unwrap();
        }
    }
    right(|| read(true));
    wrong(|| read(false));
}

/// The count of shared owners is no licence for whoever has an address only.
#[test]
fn an_address_out_of_a_shared_owner_keeps_nothing() {
    wrong(|| {
        let shared = Arc::new(Box::new(AtomicU32::new(0)));
        let place = Raw::of(&**shared);
        let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        let second = shared.clone();
        shared.fetch_add(1, Ordering::Relaxed);
        drop(shared);
        drop(second);
        other.join().unwrap();
    });
}
