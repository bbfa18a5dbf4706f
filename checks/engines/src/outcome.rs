//! What an execution came to, in the words of whoever wrote the body, for an engine to compare when it runs the first
//! execution again.
//!
//! An engine sees what goes through the runtime. A static that is warm after the first execution may change what is
//! computed and no operation, and memory of the standard library's may change what a thread returns. Whoever
//! [says](came_to) what an execution came to lets the engine notice that.
//!
//! ```
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! use cancelproof_engines::engine::dpor;
//! use cancelproof_engines::exploration::FailureKind;
//! use cancelproof_engines::outcome;
//!
//! static RUNS: AtomicU32 = AtomicU32::new(0);
//! let exploration = dpor::explore(&dpor::Options::default(), || {
//!     let is_cold = RUNS.fetch_add(1, Ordering::Relaxed) == 0;
//!     outcome::came_to(|| format!("cold: {is_cold}"));
//! });
//! let failure = exploration.failure.map(|failure| failure.kind);
//! assert!(matches!(failure, Some(FailureKind::Nondeterminism { .. })));
//! ```

use std::cell::{Cell, RefCell};
#[cfg(any(feature = "loom", feature = "shuttle"))]
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(any(feature = "loom", feature = "shuttle"))]
use std::sync::{Arc, Mutex, PoisonError};

use crate::arena;
use crate::plain;

thread_local! {
    static STAGE: Cell<Stage> = const { Cell::new(Stage::Deaf) };
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Which execution the calling thread runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// One of those between the first and its reruns, or none: nobody listens.
    Deaf,
    First,
    Again,
}

/// The longest outcome that is told whole, in characters.
const TOLD_MAX: usize = 200;

/// Says what the execution under way has come to. It is asked for in the first execution and when that is run again, and
/// has to be the same then. What was said last counts.
pub fn came_to(outcome: impl FnOnce() -> String) {
    if STAGE.get() != Stage::Deaf {
        // What was said outlives the execution, and so the memory of its tasks.
        arena::outside(|| SAID.set(Some(outcome())));
    }
}

/// Whether the execution under way is the first one, run again to be compared. It counts as no execution.
#[must_use]
pub fn is_rerun() -> bool {
    STAGE.get() == Stage::Again
}

/// Runs the first execution, and returns what it came to if that was said.
pub(crate) fn of_first<T>(run: impl FnOnce() -> T) -> (T, Option<String>) {
    listening(Stage::First, run)
}

/// What a first execution came to, once it has ended.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) type Said = Arc<Mutex<Option<String>>>;

/// A body that is listened to the first time that it runs, for an engine that runs all executions in one go.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) fn listening_once(
    body: Arc<impl Fn() + Send + Sync + 'static>,
) -> (impl Fn() + Send + Sync + 'static, Said) {
    let said = Said::default();
    let (keep, has_run) = (Arc::clone(&said), AtomicBool::new(false));
    let listened = move || {
        if has_run.swap(true, Ordering::Relaxed) {
            return body();
        }
        let ((), outcome) = of_first(|| body());
        *keep.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    };
    (listened, said)
}

/// What was said, if anything.
#[cfg(any(feature = "loom", feature = "shuttle"))]
pub(crate) fn taken(said: &Said) -> Option<String> {
    said.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs the first execution again.
pub(crate) fn of_rerun<T>(run: impl FnOnce() -> T) -> (T, Option<String>) {
    listening(Stage::Again, run)
}

fn listening<T>(stage: Stage, run: impl FnOnce() -> T) -> (T, Option<String>) {
    /// However the run ends, nobody listens afterwards.
    struct Listening;

    impl Drop for Listening {
        fn drop(&mut self) {
            STAGE.set(Stage::Deaf);
        }
    }

    SAID.set(None);
    STAGE.set(stage);
    let listening = Listening;
    let result = run();
    drop(listening);
    (result, SAID.take())
}

/// In what an outcome differs from that of the first execution, if both were said.
pub(crate) fn difference(first: Option<&str>, again: Option<&str>) -> Option<String> {
    let (first, again) = (first?, again?);
    (first != again).then(|| {
        format!(
            "the first execution, run again after the last, came to something else: first {}, then {}",
            plain::line(first, TOLD_MAX),
            plain::line(again, TOLD_MAX)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_while_it_is_run_again_leaves_nothing_behind() {
        assert!(std::panic::catch_unwind(|| of_rerun(|| panic!("{}", is_rerun()))).is_err());
        assert!(!is_rerun());
    }

    #[test]
    fn only_the_first_execution_and_its_reruns_are_asked() {
        came_to(|| unreachable!("nobody listens"));
        let ((), first) = of_first(|| came_to(|| "one".to_owned()));
        let (is_rerun, again) = of_rerun(|| {
            came_to(|| "two".to_owned());
            is_rerun()
        });
        assert!(is_rerun && !super::is_rerun());
        let difference = difference(first.as_deref(), again.as_deref()).expect("they differ");
        assert!(difference.ends_with("first one, then two"), "{difference}");
        assert_eq!(super::difference(Some("one"), None), None);
    }
}
