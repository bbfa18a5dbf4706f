//! Requests that are freed at the wrong moment, each beside one that is freed at the right one.

use std::mem::ManuallyDrop;
use std::ptr;

use cancelproof::engine::{dpor, rc11};
use cancelproof::sync::controlled::Arc;
use cancelproof::sync::controlled::atomic::{AtomicU32, AtomicUsize, Ordering};
use cancelproof::thread::controlled as thread;

use super::{Raw, right, wrong};

const MARKED: u32 = 0;
const CLAIMED: u32 = 1;
const DONE: u32 = 2;

/// A request that one thread completes and another cancels.
struct Request {
    state: AtomicU32,
    /// How many are still at work on it.
    users: AtomicUsize,
    status: AtomicU32,
}

impl Request {
    fn new() -> Raw<Request> {
        Raw::boxed(Request {
            state: AtomicU32::new(MARKED),
            users: AtomicUsize::new(2),
            status: AtomicU32::new(0),
        })
    }

    fn claim(&self, by: u32) -> bool {
        self.state.compare_exchange(MARKED, by, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Whoever leaves last frees it.
fn leave(request: Raw<Request>) {
    if request.get().users.fetch_sub(1, Ordering::AcqRel) == 1 {
        request.free();
    }
}

fn raced(complete: fn(Raw<Request>), cancel: fn(Raw<Request>)) {
    let request = Request::new();
    let canceler = thread::spawn(move || cancel(request));
    complete(request);
    canceler.join().unwrap();
}

#[test]
fn whoever_completes_does_not_free_what_the_canceler_looks_at() {
    fn look(request: Raw<Request>) {
        request.get().claim(CLAIMED);
    }
    right(|| {
        raced(
            |request| {
                request.get().claim(DONE);
                leave(request);
            },
            |request| {
                look(request);
                leave(request);
            },
        );
    });
    wrong(|| {
        raced(
            |request| {
                request.get().claim(DONE);
                request.free();
            },
            look,
        );
    });
}

/// The callback completes the request, and whoever called it goes on with what is no more.
#[test]
fn a_callback_frees_what_its_caller_uses_no_more() {
    fn callback(request: Raw<Request>) {
        request.get().status.store(7, Ordering::Relaxed);
        request.free();
    }
    right(|| {
        raced(
            |request| {
                request.get().claim(DONE);
                leave(request);
            },
            |request| {
                if request.get().claim(CLAIMED) {
                    request.get().status.store(7, Ordering::Relaxed);
                }
                // The callback's part of the work ends here, and so does its caller's.
                leave(request);
            },
        );
    });
    wrong(|| {
        raced(
            |request| {
                if request.get().claim(DONE) {
                    request.get().status.store(1, Ordering::Relaxed);
                }
            },
            |request| {
                if request.get().claim(CLAIMED) {
                    callback(request);
                    request.get().state.store(DONE, Ordering::Release);
                }
            },
        );
    });
}

#[test]
fn whoever_loses_does_not_free_what_the_winner_works_on() {
    fn finish(request: Raw<Request>, by: u32, loser_frees: bool) {
        let has_won = request.get().claim(by);
        if has_won {
            request.get().status.store(by, Ordering::Relaxed);
        }
        if !loser_frees {
            leave(request);
        } else if !has_won {
            request.free();
        }
    }
    right(|| raced(|request| finish(request, DONE, false), |request| finish(request, CLAIMED, false)));
    wrong(|| raced(|request| finish(request, DONE, true), |request| finish(request, CLAIMED, true)));
}

#[test]
fn a_reference_is_given_back_once() {
    fn twice() {
        let shared = Arc::new(AtomicU32::new(0));
        let other = shared.clone();
        let child = thread::spawn(move || other.fetch_add(1, Ordering::Relaxed));
        // SAFETY: wrong, since there is one reference here and not two.
        let mut again = ManuallyDrop::new(unsafe { ptr::read(&raw const shared) });
        drop(shared);
        // SAFETY: as above.
        unsafe { ManuallyDrop::drop(&mut again) };
        child.join().unwrap();
    }
    let explored =
        [dpor::explore(&dpor::Options::default(), twice), rc11::explore(&rc11::Options::default(), twice)];
    for exploration in explored {
        assert!(exploration.failure.is_some_and(|failure| failure.kind.is_of_lifetime()));
    }
}

/// Fields are dropped in the order in which they are written.
#[test]
fn what_a_guard_gives_back_to_is_dropped_after_it() {
    struct Guard(Raw<AtomicU32>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.get().fetch_sub(1, Ordering::Release);
        }
    }
    struct First {
        _guard: Guard,
        _count: Box<AtomicU32>,
    }
    struct Last {
        _count: Box<AtomicU32>,
        _guard: Guard,
    }
    fn used(count: &AtomicU32) {
        let place = Raw::of(count);
        let other = thread::spawn(move || place.get().fetch_add(1, Ordering::Relaxed));
        count.fetch_add(1, Ordering::Relaxed);
        other.join().unwrap();
    }
    right(|| {
        let count = Box::new(AtomicU32::new(0));
        used(&count);
        drop(First { _guard: Guard(Raw::of(&*count)), _count: count });
    });
    wrong(|| {
        let count = Box::new(AtomicU32::new(0));
        used(&count);
        let guard = Guard(Raw::of(&*count));
        drop(Last { _count: count, _guard: guard });
    });
}

/// A list of those that wait holds addresses of what lies on their stacks: whoever leaves takes his out before.
#[test]
fn who_leaves_is_in_no_list_any_more() {
    use cancelproof::sync::controlled::Mutex;

    fn waits(takes_out: bool) {
        let list = Arc::new(Mutex::new(Vec::<Raw<AtomicU32>>::new()));
        let waker = list.clone();
        let waking = thread::spawn(move || {
            let list = waker.lock().unwrap();
            for waiter in list.iter() {
                waiter.get().store(1, Ordering::Release);
            }
        });
        let mine = AtomicU32::new(0);
        list.lock().unwrap().push(Raw::of(&mine));
        mine.load(Ordering::Acquire);
        if takes_out {
            list.lock().unwrap().clear();
        }
        drop(mine);
        waking.join().unwrap();
    }
    right(|| waits(true));
    wrong(|| waits(false));
}
