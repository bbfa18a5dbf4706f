//! Thread-locals of the alias modules: one for each modelled thread, on every runtime.

use core::cell::{Cell, RefCell};
use core::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::sync::Arc;

use cancelproof::engine::{dpor, loom, rc11, shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};
use cancelproof::platform::{Loom, Shuttle};
use cancelproof_model::runtime::{Atomic, JoinHandle, Runtime};

/// The same code beside each alias module, as `suite_per_runtime!` has it.
macro_rules! beside {
    ($name:ident, $module:ident, $runtime:ty) => {
        mod $name {
            use super::*;

            cancelproof::sync::$module::thread_local! {
                static MINE: Cell<u32> = Cell::new(1);
                static SEEN: RefCell<Vec<u32>> = RefCell::new(Vec::new());
            }

            /// Each thread finds what it has set itself, and the initial value before.
            pub(super) fn each_has_its_own() {
                let word = Arc::new(<<$runtime as Runtime>::AtomicU32 as Atomic<u32>>::new(0));
                let other = Arc::clone(&word);
                let child = <$runtime as Runtime>::spawn(move || {
                    let found = MINE.with(|mine| mine.replace(7));
                    other.store(1, Release);
                    SEEN.with(|seen| seen.borrow_mut().push(found));
                    (found, MINE.with(Cell::get), SEEN.with(|seen| seen.borrow().len()))
                });
                let found = MINE.with(|mine| mine.replace(3));
                word.load(Acquire);
                let mine = MINE.with(Cell::get);
                assert_eq!((found, mine, child.join()), (1, 3, (1, 7, 1)));
                assert!(SEEN.with(|seen| seen.borrow().is_empty()));
            }
        }
    };
}

beside!(controlled_locals, controlled, Controlled);
beside!(loom_locals, loom, Loom);
beside!(shuttle_locals, shuttle, Shuttle);

fn is_proved(exploration: &Exploration) {
    assert!(exploration.failure.is_none(), "{exploration:?}");
    assert_eq!(exploration.extent, Extent::Exhausted);
    assert!(exploration.executions > 1, "{exploration:?}");
}

#[test]
fn each_thread_has_its_own_on_every_runtime() {
    is_proved(&dpor::explore(&dpor::Options::default(), controlled_locals::each_has_its_own));
    is_proved(&rc11::explore(&rc11::Options::default(), controlled_locals::each_has_its_own));
    is_proved(&loom::explore(loom::Options::default(), loom_locals::each_has_its_own));
    is_proved(&shuttle::explore(
        shuttle::Strategy::DepthFirst,
        shuttle::Options::default(),
        shuttle_locals::each_has_its_own,
    ));
}

/// Told by its drop.
struct Tells(Arc<<Controlled as Runtime>::AtomicU32>);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.fetch_add(1, AcqRel);
        assert!(LATE.try_with(|_| ()).is_err(), "a value that is being dropped is not there");
    }
}

cancelproof::sync::controlled::thread_local! {
    static LATE: RefCell<Option<Tells>> = const { RefCell::new(None) };
}

/// A value is dropped at the end of its thread, by operations of that thread, and before a join of it returns.
#[test]
fn destructors_run_at_the_end_of_the_thread() {
    fn body() -> u32 {
        let word = Arc::new(<Controlled as Runtime>::AtomicU32::new(0));
        let other = Arc::clone(&word);
        let child = Controlled::spawn(move || LATE.set(Some(Tells(other))));
        let seen = word.load(Acquire);
        child.join();
        assert_eq!(word.load(Acquire), 1);
        seen
    }
    let dpor = dpor::explore(&dpor::Options::default(), || {
        let _ = body();
    });
    let rc11 = rc11::explore(&rc11::Options::default(), || {
        let _ = body();
    });
    for exploration in [dpor, rc11] {
        is_proved(&exploration);
        assert_eq!(exploration.executions, 2, "the load comes before the drop, or after it");
    }
    let refuted = dpor::explore(&dpor::Options::default(), || assert_eq!(body(), 0, "the drop came first"));
    assert!(refuted.failure.is_some());
}
