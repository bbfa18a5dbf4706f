//! Where threads meet.

use std::sync::Arc;

use cancelproof::exploration::FailureKind;
use cancelproof::sync::controlled::Barrier;
use cancelproof::thread::controlled as thread;

use super::{Place, compare, emulated, outcomes, refuted};
use crate::explored::{by_dpor, by_rc11};

macro_rules! meet {
    ($barrier:ty, $waits:expr, $threads:expr, $rounds:expr) => {
        || {
            let barrier = Arc::new(<$barrier>::new($threads));
            let spawn = |_| {
                let barrier = Arc::clone(&barrier);
                thread::spawn(move || (0..$rounds).map(|_| $waits(&*barrier)).collect::<Vec<bool>>())
            };
            let threads: Vec<_> = (0..$threads).map(spawn).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        }
    };
}

fn waits(barrier: &Barrier) -> bool {
    barrier.wait().is_leader()
}

/// Who comes last is all that can be told.
#[test]
fn one_execution_for_each_that_comes_last() {
    let of_two = meet!(Barrier, waits, 2, 1);
    assert_eq!(compare(of_two, meet!(emulated::Barrier, emulated::Barrier::wait, 2, 1)).0, 2);
    let of_three = meet!(Barrier, waits, 3, 1);
    let (mine, theirs) = compare(of_three, meet!(emulated::Barrier, emulated::Barrier::wait, 3, 1));
    assert!(mine == 3 && theirs > 12, "{mine} and {theirs}");
    let of_four = by_dpor(meet!(Barrier, waits, 4, 1));
    assert_eq!((outcomes(&of_four).0.len(), outcomes(&of_four).1), (4, 4));
}

#[test]
fn a_barrier_is_used_again() {
    let twice = meet!(Barrier, waits, 2, 2);
    let (mine, theirs) = compare(twice, meet!(emulated::Barrier, emulated::Barrier::wait, 2, 2));
    assert!(mine == 4 && theirs > 4, "{mine} and {theirs}");
    assert_eq!(outcomes(&by_rc11(twice)).1, 4);
    let of_three = by_dpor(meet!(Barrier, waits, 3, 2));
    assert_eq!((outcomes(&of_three).0.len(), outcomes(&of_three).1), (9, 9));
}

/// More threads than meet: which of them do is a matter of order, and one waits for ever.
#[test]
fn one_too_many_waits_for_ever() {
    refuted(
        || {
            let barrier = Arc::new(Barrier::new(2));
            let spawn = |_| {
                let barrier = Arc::clone(&barrier);
                thread::spawn(move || barrier.wait().is_leader())
            };
            let threads: Vec<_> = (0..3).map(spawn).collect();
            for thread in threads {
                assert!(thread.join().is_ok());
            }
        },
        |failure| matches!(failure, FailureKind::Deadlock { .. }),
    );
}

/// What each did before it came is seen by all that go on; what they do then is not ordered.
#[test]
fn who_goes_on_has_seen_what_all_did_before() {
    let body = |meets: bool| {
        move || {
            let shared = Arc::new((Barrier::new(2), [Place::new(), Place::new()]));
            let run = move |shared: &(Barrier, [Place; 2]), me: usize| {
                shared.1[me].set(1);
                if meets {
                    shared.0.wait();
                }
                shared.1[1 - me].get()
            };
            let other = Arc::clone(&shared);
            let child = thread::spawn(move || run(&other, 1));
            assert_eq!(run(&shared, 0) + child.join().unwrap(), 2);
        }
    };
    for explored in [by_dpor(body(true)), by_rc11(body(true))] {
        assert_eq!(outcomes(&explored).1, 2);
    }
    refuted(body(false), |failure| matches!(failure, FailureKind::DataRace { .. }));
}

/// Who comes last frees the barrier under those that still leave it: refuted, in whatever order that happens.
#[test]
fn a_barrier_is_not_freed_while_others_leave_it() {
    struct Address(*mut Barrier);
    // SAFETY: an address is only a number.
    unsafe impl Send for Address {}

    refuted(
        || {
            let barrier = Box::into_raw(Box::new(Barrier::new(2)));
            let other = Address(barrier);
            let leave = |barrier: *mut Barrier| {
                // SAFETY: that it is there is what the engines are asked.
                if unsafe { (*barrier).wait() }.is_leader() {
                    // SAFETY: as above.
                    drop(unsafe { Box::from_raw(barrier) });
                }
            };
            let child = thread::spawn(move || {
                let other = other;
                leave(other.0);
            });
            leave(barrier);
            child.join().unwrap();
        },
        |failure| matches!(failure, FailureKind::Panic { message } if message.starts_with("use after free")),
    );
}
