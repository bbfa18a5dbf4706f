//! What is right although nothing that the engines see orders it, or only what is easily overlooked.

use std::sync::Arc as Uncounted;

use cancelproof::executor::Controlled;
use cancelproof::sync::controlled::atomic::{AtomicU32, AtomicUsize, Ordering, fence};
use cancelproof::sync::controlled::{Arc, Mutex};
use cancelproof::thread::controlled as thread;
use cancelproof_model::runtime::{Atomic, Runtime};

use super::{Raw, right, wrong};

/// The standard library's count is no operation, but it orders.
#[test]
fn a_count_that_no_engine_sees_is_believed() {
    right(|| {
        let word = Uncounted::new(AtomicU32::new(0));
        let other = Uncounted::clone(&word);
        let child = thread::spawn(move || other.fetch_add(1, Ordering::Relaxed));
        word.fetch_add(1, Ordering::Relaxed);
        drop(word);
        child.join().unwrap();
    });
    // One that lies in what the counted value owns.
    right(|| {
        let word = Uncounted::new(vec![(7, Box::new(AtomicU32::new(0)))]);
        let other = Uncounted::clone(&word);
        let child = thread::spawn(move || other[0].1.fetch_add(1, Ordering::Relaxed));
        word[0].1.fetch_add(1, Ordering::Relaxed);
        drop(word);
        child.join().unwrap();
    });
    // Objects of the runtime's trait.
    right(|| {
        let word = Uncounted::new(<Controlled as Runtime>::AtomicU32::new(0));
        let children = [0, 1].map(|_| {
            let word = Uncounted::clone(&word);
            thread::spawn(move || word.fetch_add(1, Ordering::Relaxed))
        });
        drop(word);
        for child in children {
            child.join().unwrap();
        }
    });
    // A trait object.
    right(|| {
        let word: Uncounted<dyn Fn() -> u32 + Send + Sync> = {
            let word = AtomicU32::new(0);
            Uncounted::new(move || word.fetch_add(1, Ordering::Relaxed))
        };
        let other = Uncounted::clone(&word);
        let child = thread::spawn(move || other());
        word();
        drop(word);
        child.join().unwrap();
    });
}

/// Whoever uses it after the last reference is refused, by the order of the execution.
#[test]
fn an_operation_after_the_last_uncounted_reference_is_refused() {
    wrong(|| {
        let word = Uncounted::new(AtomicU32::new(0));
        let (place, meeting) = (Raw::of(&*word), Arc::new(AtomicU32::new(0)));
        let met = meeting.clone();
        let child = thread::spawn(move || {
            place.get().load(Ordering::Relaxed);
            met.fetch_add(1, Ordering::Relaxed);
            place.get().load(Ordering::Relaxed);
        });
        meeting.fetch_add(1, Ordering::Relaxed);
        drop(word);
        meeting.fetch_add(1, Ordering::Relaxed);
        child.join().unwrap();
    });
}

#[test]
fn a_count_of_the_runtime_orders_the_end() {
    right(|| {
        let word = Arc::new((AtomicU32::new(0), Mutex::new(Box::new(AtomicU32::new(0)))));
        let other = word.clone();
        let child = thread::spawn(move || {
            other.0.fetch_add(1, Ordering::Relaxed);
            other.1.lock().unwrap().fetch_add(1, Ordering::Relaxed);
        });
        word.1.lock().unwrap().fetch_add(1, Ordering::Relaxed);
        drop(word);
        child.join().unwrap();
    });
    right(|| {
        let word = Arc::new(AtomicU32::new(0));
        let weak = Arc::downgrade(&word);
        let child = thread::spawn(move || weak.upgrade().map(|word| word.fetch_add(1, Ordering::Relaxed)));
        word.fetch_add(1, Ordering::Relaxed);
        drop(word);
        child.join().unwrap();
    });
    right(|| {
        let word = Arc::new(AtomicU32::new(0));
        let other = word.clone();
        let child = thread::spawn(move || other.fetch_add(1, Ordering::Relaxed));
        word.fetch_add(1, Ordering::Relaxed);
        if let Ok(word) = Arc::try_unwrap(word) {
            word.into_inner();
        }
        child.join().unwrap();
    });
}

/// What a thread returns goes to whoever has the right to wait for it, if he does not.
#[test]
fn what_a_thread_returns_may_be_dropped_by_another() {
    right(|| {
        let meeting = Arc::new(AtomicU32::new(0));
        let met = meeting.clone();
        let child = thread::spawn(move || {
            let word = AtomicU32::new(0);
            word.store(1, Ordering::Relaxed);
            met.fetch_add(1, Ordering::Relaxed);
            word
        });
        meeting.fetch_add(1, Ordering::Relaxed);
        drop(child);
    });
}

#[test]
fn a_guard_is_dropped_before_its_owner() {
    struct Guard<'a>(&'a AtomicUsize);
    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Release);
        }
    }
    fn guarded(then: fn(Raw<AtomicUsize>)) {
        let count = Raw::boxed(AtomicUsize::new(1));
        let other = thread::spawn(move || drop(Guard(count.get())));
        then(count);
        other.join().unwrap();
    }
    right(|| {
        guarded(|count| {
            if count.get().load(Ordering::Acquire) == 0 {
                count.free();
            }
        });
    });
    wrong(|| {
        guarded(|count| {
            if count.get().load(Ordering::Relaxed) == 0 {
                count.free();
            }
        });
    });
}

/// Whoever retires an object waits until nobody is pinned who may have seen it.
#[test]
fn an_object_is_freed_an_epoch_later() {
    use std::ptr::null_mut;

    use cancelproof::sync::controlled::atomic::AtomicPtr;

    struct World {
        current: AtomicPtr<AtomicU32>,
        pinned: AtomicUsize,
    }
    fn replaced(unpin: Ordering) {
        let first = Raw::boxed(AtomicU32::new(0));
        let world = Arc::new(World { current: AtomicPtr::new(first.0), pinned: AtomicUsize::new(0) });
        let readers = world.clone();
        let reader = thread::spawn(move || {
            readers.pinned.swap(1, Ordering::SeqCst);
            fence(Ordering::SeqCst);
            let now = readers.current.load(Ordering::SeqCst);
            if !now.is_null() {
                Raw(now).get().fetch_add(1, Ordering::Relaxed);
            }
            readers.pinned.store(0, unpin);
        });
        world.current.swap(null_mut(), Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if world.pinned.load(Ordering::Relaxed) == 0 {
            fence(Ordering::Acquire);
            first.free();
            reader.join().unwrap();
        } else {
            reader.join().unwrap();
            first.free();
        }
    }
    right(|| replaced(Ordering::Release));
    wrong(|| replaced(Ordering::Relaxed));
}

/// A static is never dropped, and begins anew.
#[test]
fn an_object_in_a_static_has_no_end() {
    static WORD: AtomicU32 = AtomicU32::new(0);
    right(|| {
        let child = thread::spawn(|| WORD.fetch_add(1, Ordering::Relaxed));
        assert!(WORD.load(Ordering::Relaxed) <= 1);
        drop(child);
    });
}

/// `get_mut` and what replaces an object by another are ends as well, and right if nobody uses it.
#[test]
fn exclusive_access_comes_after_all_others() {
    right(|| {
        let mut word = AtomicU32::new(0);
        let place = Raw::of(&word);
        let child = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        word.fetch_add(1, Ordering::Relaxed);
        child.join().unwrap();
        assert_eq!(*word.get_mut(), 2);
        word = AtomicU32::new(5);
        assert_eq!(word.into_inner(), 5);
    });
    wrong(|| {
        let mut word = AtomicU32::new(0);
        let place = Raw::of(&word);
        let child = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        word.fetch_add(1, Ordering::Relaxed);
        *word.get_mut() = 3;
        child.join().unwrap();
    });
}
