//! Flags and pointers of the runtime: what they do on every platform, and what a weaker ordering breaks.

use std::sync::Arc;
use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release};

use cancelproof::engine::{dpor, loom, rc11, shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::lens::Lens;
use cancelproof::platform::{Loom, Shuttle};
use cancelproof_model::Std;
use cancelproof_model::runtime::{AtomicBool, AtomicPtr, JoinHandle, Runtime, UnsafeCell};

/// A value that one thread makes and another finds, by its address and by a flag.
struct Found<R: Runtime> {
    value: R::UnsafeCell<u32>,
    address: R::AtomicPtr<R::UnsafeCell<u32>>,
    is_there: R::AtomicBool,
}

// SAFETY: the cell is reached by its address alone, which is told when it was written; that this holds is what is asked.
unsafe impl<R: Runtime> Sync for Found<R> {}
// SAFETY: as above.
unsafe impl<R: Runtime> Send for Found<R> {}

impl<R: Runtime> Found<R> {
    fn new() -> Self {
        Found {
            value: UnsafeCell::new(0),
            address: AtomicPtr::new(std::ptr::null_mut()),
            is_there: AtomicBool::new(false),
        }
    }

    fn tell(&self, telling: Ordering) {
        // SAFETY: nobody knows the address yet.
        self.value.with_mut(|value| unsafe { *value = 7 });
        self.address.store(std::ptr::from_ref(&self.value).cast_mut(), telling);
        assert!(!self.is_there.swap(true, Relaxed), "it is told once");
    }

    fn look(&self) -> Option<u32> {
        let address = self.address.load(Acquire);
        if address.is_null() {
            return None;
        }
        // SAFETY: what is told lies in `self`.
        let cell = unsafe { &*address };
        // SAFETY: it was written before it was told; whether that holds is what the engines are asked.
        Some(cell.with(|value| unsafe { *value }))
    }
}

fn told<R: Runtime>(telling: Ordering) {
    let found = Arc::new(Found::<R>::new());
    let other = Arc::clone(&found);
    let telling = R::spawn(move || other.tell(telling));
    assert!(matches!(found.look(), None | Some(7)));
    telling.join();
    assert!(found.is_there.load(Acquire));
    assert_eq!(found.look(), Some(7));
}

/// Each call of a flag and of a pointer that one thread can tell from another.
fn called<R: Runtime>() {
    let flag = R::AtomicBool::new(false);
    assert!(!flag.fetch_or(true, AcqRel) && flag.fetch_and(true, AcqRel) && flag.fetch_xor(true, AcqRel));
    assert!(!flag.fetch_nand(true, AcqRel), "it was changed to false");
    assert!(flag.fetch_nand(true, AcqRel), "not both were true");
    assert_eq!(flag.compare_exchange(false, true, AcqRel, Acquire), Ok(false));
    assert_eq!(flag.compare_exchange(false, true, AcqRel, Acquire), Err(true));
    flag.store(false, Release);
    assert!(!flag.swap(true, AcqRel) && flag.load(Acquire));
    while flag.compare_exchange_weak(true, false, AcqRel, Acquire).is_err() {}

    let (mut one, mut two) = (1, 2);
    let (one, two): (*mut u8, *mut u8) = (&raw mut one, &raw mut two);
    let pointer = R::AtomicPtr::new(one);
    assert_eq!(pointer.swap(two, AcqRel), one);
    assert_eq!(pointer.compare_exchange(one, two, AcqRel, Acquire), Err(two));
    assert_eq!(pointer.compare_exchange(two, one, AcqRel, Acquire), Ok(two));
    while pointer.compare_exchange_weak(one, two, AcqRel, Acquire).is_err() {}
    pointer.store(one, Release);
    assert_eq!(pointer.load(Acquire), one);
}

fn proved(exploration: &Exploration) {
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert!(exploration.executions > 1, "nothing meets in it: {exploration:?}");
}

fn on_loom(body: fn()) -> Exploration {
    loom::explore(loom::Options::default(), body)
}

fn on_shuttle(body: fn()) -> Exploration {
    shuttle::explore(shuttle::Strategy::DepthFirst, shuttle::Options::default(), body)
}

#[test]
fn what_is_found_by_its_address_is_there_on_every_platform() {
    told::<Std>(Release);
    proved(&dpor::explore(&dpor::Options::default(), || told::<Controlled>(Release)));
    proved(&rc11::explore(&rc11::Options::default(), || told::<Controlled>(Release)));
    proved(&on_loom(|| told::<Loom>(Release)));
    proved(&on_shuttle(|| told::<Shuttle>(Release)));
    proved(&dpor::explore(&dpor::Options::default(), || told::<Lens<Controlled>>(Release)));
}

#[test]
fn what_is_told_without_a_release_races() {
    let explored = [
        dpor::explore(&dpor::Options::default(), || told::<Controlled>(Relaxed)),
        rc11::explore(&rc11::Options::default(), || told::<Controlled>(Relaxed)),
        on_loom(|| told::<Loom>(Relaxed)),
    ];
    for exploration in explored {
        let kind = exploration.failure.map(|failure| failure.kind);
        assert!(matches!(kind, Some(FailureKind::DataRace { .. })), "{kind:?}");
    }
}

#[test]
fn every_call_does_on_every_platform_what_the_standard_library_does() {
    called::<Std>();
    for exploration in [
        dpor::explore(&dpor::Options::default(), called::<Controlled>),
        rc11::explore(&rc11::Options::default(), called::<Controlled>),
        dpor::explore(&dpor::Options::default(), called::<Lens<Controlled>>),
        on_loom(called::<Loom>),
        on_shuttle(called::<Shuttle>),
    ] {
        assert_eq!(exploration.failure, None);
    }
}
