//! Programs whose threads wait, retry, count and give up, for every runtime.

mod locks;

use core::cell::{Cell, RefCell};
use core::hint::black_box;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::rc::Rc;
use std::sync::Arc;

use cancelproof::model::runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread, UnsafeCell};

pub(crate) use locks::{counts_at_a_lock, gives_way, locks_by_swap, locks_by_ticket, waits_under_a_lock};

type Word<R> = <R as Runtime>::AtomicU64;

fn word<R: Runtime>(value: u64) -> Arc<Word<R>> {
    Arc::new(<Word<R> as Atomic<u64>>::new(value))
}

/// Starts a thread that sets a new word.
fn set_by_another<R: Runtime>() -> (Arc<Word<R>>, R::JoinHandle<()>) {
    let flag = word::<R>(0);
    let copy = Arc::clone(&flag);
    (flag, R::spawn(move || copy.store(1, Release)))
}

fn look_and_yield<R: Runtime>(flag: &Word<R>) -> u64 {
    let value = flag.load(Acquire);
    R::yield_now();
    value
}

fn wait_for<R: Runtime>(flag: &Word<R>) {
    while flag.load(Acquire) == 0 {
        R::yield_now();
    }
}

/// The common loop.
pub(crate) fn waits<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    wait_for::<R>(&flag);
    setter.join();
    "done".into()
}

/// Counts its turns where the program sees it.
pub(crate) fn counts_turns<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let mut turns = 0_u64;
    while flag.load(Acquire) == 0 {
        turns += 1;
        R::yield_now();
    }
    setter.join();
    turns.min(3).to_string()
}

/// Two looks by the line of the loop that comes after them.
pub(crate) fn looks_twice_before<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let look = || flag.load(Acquire);
    let (one, two) = (look(), look());
    while look() == 0 {
        R::yield_now();
    }
    setter.join();
    format!("{one}{two}")
}

/// Three turns of straight code before a loop of the same turns.
pub(crate) fn turns_before<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let seen = [(); 3].map(|()| look_and_yield::<R>(&flag));
    while look_and_yield::<R>(&flag) == 0 {}
    setter.join();
    format!("{}{}{}", seen[0], seen[1], seen[2])
}

/// Straight code that polls three times and goes on.
pub(crate) fn polls_thrice<R: Runtime>() -> String {
    let (flag, done) = (word::<R>(0), word::<R>(0));
    let (polled, told) = (Arc::clone(&flag), Arc::clone(&done));
    let thread = R::spawn(move || {
        look_and_yield::<R>(&polled);
        look_and_yield::<R>(&polled);
        look_and_yield::<R>(&polled);
        told.store(1, Release);
    });
    let before = done.load(Acquire);
    flag.store(1, Release);
    thread.join();
    before.to_string()
}

/// Work under a lock, a step in each turn.
pub(crate) fn works_under_a_lock<R: Runtime>() -> String {
    let (steps, done) = (Arc::new(<R::Mutex<u32> as Mutex<u32>>::new(0)), word::<R>(0));
    let (taken, told) = (Arc::clone(&steps), Arc::clone(&done));
    let worker = R::spawn(move || {
        while {
            let mut steps = taken.lock();
            *steps += 1;
            *steps < 4
        } {
            R::yield_now();
        }
        told.store(1, Release);
    });
    let before = done.load(Acquire);
    worker.join();
    before.to_string()
}

fn gives_up_after<R: Runtime>(turns: u32) -> String {
    let (flag, setter) = set_by_another::<R>();
    let mut saw = false;
    for _ in 0..turns {
        saw = flag.load(Acquire) == 1;
        if saw {
            break;
        }
        R::yield_now();
    }
    setter.join();
    saw.to_string()
}

/// Gives up after three turns.
pub(crate) fn gives_up_soon<R: Runtime>() -> String {
    gives_up_after::<R>(3)
}

/// Gives up after more turns than are explored unless asked for.
pub(crate) fn gives_up_late<R: Runtime>() -> String {
    gives_up_after::<R>(1500)
}

/// Waits without yielding.
pub(crate) fn spins<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    while flag.load(Acquire) == 0 {}
    setter.join();
    "done".into()
}

/// Waits for either of two words.
pub(crate) fn waits_for_either<R: Runtime>() -> String {
    let (one, first) = set_by_another::<R>();
    let (two, second) = set_by_another::<R>();
    let seen = loop {
        if one.load(Acquire) == 1 {
            break "one";
        }
        if two.load(Acquire) == 1 {
            break "two";
        }
        R::yield_now();
    };
    first.join();
    second.join();
    seen.into()
}

/// A loop within a loop; the inner one begins anew each time.
pub(crate) fn loops_in_a_loop<R: Runtime>() -> String {
    let flag = word::<R>(0);
    let copy = Arc::clone(&flag);
    let setter = R::spawn(move || {
        copy.store(1, Release);
        copy.store(2, Release);
    });
    let mut seen = Vec::new();
    for least in 1..=2 {
        while flag.load(Acquire) < least {
            R::yield_now();
        }
        seen.push(flag.load(Acquire));
    }
    setter.join();
    format!("{seen:?}")
}

/// Goes deeper with each turn, and says how deep.
pub(crate) fn waits_by_recursion<R: Runtime>() -> String {
    fn deeper<R: Runtime>(flag: &Word<R>, depth: u64) -> u64 {
        if flag.load(Acquire) == 1 {
            return depth;
        }
        R::yield_now();
        deeper::<R>(flag, depth + 1)
    }
    let (flag, setter) = set_by_another::<R>();
    let depth = deeper::<R>(&flag, 0);
    setter.join();
    depth.min(3).to_string()
}

/// The count lies in what a closure has captured, and the thread's body is that closure.
pub(crate) fn counts_in_a_closure<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let mut turns = 0_u64;
    let waiter = R::spawn(move || {
        let mut turn = || {
            turns += 1;
            turns
        };
        while flag.load(Acquire) == 0 {
            turn();
            R::yield_now();
        }
        turns.min(3)
    });
    setter.join();
    waiter.join().to_string()
}

/// Counts its turns in a box. The box lies still, and so does the pointer to it.
pub(crate) fn counts_in_a_box<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let mut turns = black_box(Box::new(0_u64));
    while flag.load(Acquire) == 0 {
        *black_box(&mut *turns) += 1;
        R::yield_now();
    }
    setter.join();
    (*turns).min(3).to_string()
}

/// Counts its turns in a list that has room, behind two pointers.
pub(crate) fn counts_in_a_list<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let turns = black_box(Rc::new(RefCell::new(Vec::with_capacity(64))));
    while flag.load(Acquire) == 0 {
        turns.borrow_mut().push(1_u8);
        R::yield_now();
    }
    setter.join();
    let turns = turns.borrow().len();
    turns.min(3).to_string()
}

/// Gives up after 1,500 turns, which it counts in a box.
pub(crate) fn gives_up_late_in_a_box<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let turns = black_box(Box::new(Cell::new(0_u64)));
    let mut given_up = false;
    while flag.load(Acquire) == 0 {
        turns.set(turns.get() + 1);
        if black_box(&turns).get() == 1_500 {
            given_up = true;
            break;
        }
        R::yield_now();
    }
    setter.join();
    given_up.to_string()
}

/// Waits beside a box that stays as it is, while another thread counts in one of its own.
pub(crate) fn waits_beside_a_box<R: Runtime>() -> String {
    let flag = word::<R>(0);
    let copy = Arc::clone(&flag);
    let setter = R::spawn(move || {
        let mut steps = black_box(Box::new(0_u64));
        for _ in 0..3 {
            *black_box(&mut *steps) += 1;
            R::yield_now();
        }
        copy.store(*steps, Release);
    });
    let kept = black_box(Box::new(5_u64));
    wait_for::<R>(&flag);
    setter.join();
    (*kept + flag.load(Acquire)).to_string()
}

/// A retry loop that says how often it failed.
pub(crate) fn counts_failures<R: Runtime>() -> String {
    let sum = word::<R>(0);
    let adders = [(); 2].map(|()| {
        let sum = Arc::clone(&sum);
        R::spawn(move || {
            let (mut found, mut failures) = (sum.load(Acquire), 0);
            while let Err(other) = sum.compare_exchange(found, found + 1, AcqRel, Acquire) {
                found = other;
                failures += 1;
            }
            failures
        })
    });
    let [one, two] = adders.map(JoinHandle::join);
    format!("{one}{two}")
}

/// Parks until the flag is set; whoever sets it unparks.
pub(crate) fn waits_by_park<R: Runtime>() -> String {
    let flag = word::<R>(0);
    let (copy, me) = (Arc::clone(&flag), R::current());
    let setter = R::spawn(move || {
        copy.store(1, Release);
        me.unpark();
    });
    while flag.load(Acquire) == 0 {
        R::park();
    }
    setter.join();
    "done".into()
}

/// A cell that is written in each turn, by nobody else.
pub(crate) fn writes_a_cell_each_turn<R: Runtime>() -> String {
    let (flag, setter) = set_by_another::<R>();
    let turns = R::UnsafeCell::new(0_u64);
    while flag.load(Acquire) == 0 {
        // SAFETY: the cell is this thread's alone.
        turns.with_mut(|turns| unsafe { *turns += 1 });
        R::yield_now();
    }
    setter.join();
    // SAFETY: as above.
    turns.with(|turns| unsafe { *turns }).min(3).to_string()
}

/// Two threads that each wait for the other to go first.
pub(crate) fn waits_for_each_other<R: Runtime>() -> String {
    let (one, two) = (word::<R>(0), word::<R>(0));
    let (first, second) = (Arc::clone(&one), Arc::clone(&two));
    let other = R::spawn(move || {
        wait_for::<R>(&second);
        first.store(1, Release);
    });
    wait_for::<R>(&one);
    two.store(1, Release);
    other.join();
    "done".into()
}

/// The flag is set without the lock, so that the notification can be lost.
pub(crate) fn loses_a_notification<R: Runtime>() -> String {
    let event = Arc::new((<R::Mutex<()> as Mutex<()>>::new(()), R::Condvar::new()));
    let flag = word::<R>(0);
    let (told, copy) = (Arc::clone(&event), Arc::clone(&flag));
    let setter = R::spawn(move || {
        copy.store(1, Release);
        told.1.notify_one();
    });
    let mut guard = event.0.lock();
    while flag.load(Acquire) == 0 {
        guard = event.1.wait(guard);
    }
    drop(guard);
    setter.join();
    "done".into()
}

fn stores<R: Runtime>(count: u32) -> String {
    let flag = word::<R>(0);
    for _ in 0..count {
        flag.store(1, Relaxed);
    }
    "done".into()
}

/// Nine thousand stores by one thread.
pub(crate) fn stores_9000<R: Runtime>() -> String {
    stores::<R>(9_000)
}

/// A hundred thousand stores by one thread: more than any engine goes along with.
pub(crate) fn stores_100000<R: Runtime>() -> String {
    stores::<R>(100_000)
}
