//! What is done once, where threads meet, and channels: operations of the engines, against the same things made of locks.

mod channels;
mod emulated;
mod meetings;
mod once;

use std::collections::BTreeSet;

use cancelproof::cell::controlled::UnsafeCell;
use cancelproof::exploration::FailureKind;

use crate::explored::{Explored, by_dpor, by_every_order, by_rc11};

/// A place that threads share, as code with `unsafe` has it.
struct Place(UnsafeCell<u8>);

// SAFETY: whether accesses race is what the engines are asked.
unsafe impl Sync for Place {}

impl Place {
    const fn new() -> Self {
        Place(UnsafeCell::new(0))
    }

    fn set(&self, value: u8) {
        // SAFETY: as above; an access that races is not made.
        self.0.with_mut(|place| unsafe { *place = value });
    }

    fn get(&self) -> u8 {
        // SAFETY: as above.
        self.0.with(|place| unsafe { *place })
    }
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// What came of a body, which must not fail.
#[track_caller]
fn outcomes<O: std::fmt::Debug>(explored: &Explored<O>) -> (&BTreeSet<O>, u64) {
    assert_eq!(explored.failure(), None);
    (&explored.outcomes, explored.exploration.executions)
}

/// The reduced exploration reaches what every order reaches, and what the emulation reaches, by no more executions than either;
/// a weak memory reaches all of it. Returns how many executions the two took.
#[track_caller]
fn compare<O: Ord + std::fmt::Debug + Send + 'static>(
    primitive: impl Fn() -> O + Clone + Send + Sync + 'static,
    emulation: impl Fn() -> O + Send + Sync + 'static,
) -> (u64, u64) {
    let (reduced, every) = (by_dpor(primitive.clone()), by_every_order(primitive.clone()));
    let (weak, emulated) = (by_rc11(primitive), by_dpor(emulation));
    let (found, executions) = outcomes(&reduced);
    assert_eq!(found, outcomes(&every).0, "the reduction leaves something out");
    assert_eq!(found, outcomes(&emulated).0, "the emulation does something else");
    assert!(outcomes(&weak).0.is_superset(found), "rc11 leaves something out");
    assert!(executions <= outcomes(&every).1 && executions <= outcomes(&emulated).1);
    (executions, outcomes(&emulated).1)
}

/// Both own engines fail the body in this way.
#[track_caller]
fn refuted(body: impl Fn() + Clone + Send + Sync + 'static, how: impl Fn(&FailureKind) -> bool) {
    for explored in [by_dpor(body.clone()), by_rc11(body)] {
        let failure = explored.failure().expect("it is wrong");
        assert!(how(failure), "{failure:?}");
    }
}
