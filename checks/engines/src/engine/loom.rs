//! The engine `loom`: every execution under loom's own weak memory model, up to five threads.
//!
//! An independent witness: nothing of the exploration is ours. What it cannot see, and where its model is wrong, is
//! stated in the architecture page.

mod stacks;

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::stacks::Keeping;
use super::resuming::{Position, Resuming, Unresumable};
use crate::executor::quiet;
use crate::exploration::{Bound, Exploration, Extent, Failure, FailureKind};
use crate::locals;
use crate::outcome;
use crate::platform::Loom;
use crate::platform::loom::{has_yielded, take_yielded};
use crate::platform::reduction;

pub use crate::platform::LOOM_THREADS_MAX as THREADS_MAX;

/// Branch points of one execution, at which loom ends the exploration. A loop may end later than that, so it says
/// nothing of the body.
const BRANCHES_MAX: usize = 10_000;

/// How the panic begins that ends an exploration whose budget is used up.
const OUT_OF_BUDGET: &str = "the budget of the exploration is used up";

/// How far to explore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Stop after this many executions.
    pub executions: Option<u64>,
    /// Stop after this much time.
    pub time: Option<Duration>,
}

impl Options {
    /// Whether no more executions are to be begun after so many.
    fn is_spent(&self, executions: u64, begin: Instant) -> bool {
        self.executions.is_some_and(|limit| executions >= limit)
            || self.time.is_some_and(|limit| begin.elapsed() >= limit)
    }
}

/// Explores every execution of `body`, if its atomics are those of [`Loom`]. Of its own atomics
/// loom forgets loads, and leaves out executions in which another thread reads what is written after one.
///
/// # Panics
///
/// Does not panic: a panic of the body, or of loom's, is the failure that is returned.
pub fn explore(options: Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    take_yielded();
    let started = Arc::new(AtomicU64::new(0));
    let body = Arc::new(body);
    let again = Arc::clone(&body);
    let (body, said) = outcome::listening_once(body);
    let counted = {
        let (started, begin) = (Arc::clone(&started), Instant::now());
        move || {
            let execution = started.fetch_add(1, Ordering::Relaxed);
            assert!(!options.is_spent(execution, begin), "{OUT_OF_BUDGET}");
            run(&body);
        }
    };
    let stacks = Keeping::begin();
    let result = quiet::catch(AssertUnwindSafe(|| builder().check(counted)));
    drop(stacks);
    forget();
    let yielded = take_yielded();
    let mut exploration = summarise(options, started.load(Ordering::Relaxed), yielded, result);
    if exploration.failure.is_none() {
        compare_with_rerun(&mut exploration, &said, None, again);
    }
    exploration
}

/// Fails an exploration whose first execution comes to something else when it is run again.
fn compare_with_rerun(
    exploration: &mut Exploration,
    said: &outcome::Said,
    from: Option<PathBuf>,
    again: Arc<impl Fn() + Send + Sync + 'static>,
) {
    if let Some(first) = outcome::taken(said)
        && let Some(message) = difference_of_rerun(&first, from, again)
    {
        let kind = FailureKind::Nondeterminism { message };
        exploration.extent = Extent::StoppedAtFailure;
        exploration.failure = Some(Failure { kind, execution: 1, decisions: Vec::new() });
    }
}

/// Likewise, from where another process was interrupted, and tells how far it has come. The executions of the other process
/// are part of what is returned. A place that is none of loom's is a panic of loom's, and so a failure of the body's.
///
/// # Errors
///
/// Returns an error if loom's file cannot be written.
///
/// # Panics
///
/// Does not panic, as [`explore`].
pub fn explore_resuming(
    options: Options,
    resuming: Resuming,
    body: impl Fn() + Send + Sync + 'static,
) -> Result<Exploration, Unresumable> {
    take_yielded();
    let (before, scratch) = (resuming.start(), resuming.scratch.clone());
    let begun = if resuming.from.is_some() {
        std::fs::write(&scratch, &before.place)
    } else {
        std::fs::remove_file(&scratch).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })
    };
    begun.map_err(|error| Unresumable::Scratch { path: scratch.clone(), error })?;
    let mut builder = builder();
    builder.checkpoint_interval = usize::try_from(resuming.every.max(1)).unwrap_or(usize::MAX);
    builder.checkpoint_file = Some(scratch.clone());
    let started = Arc::new(AtomicU64::new(0));
    let body = Arc::new(body);
    let again = Arc::clone(&body);
    let (body, said) = outcome::listening_once(body);
    let counted = {
        let (started, since, before) = (Arc::clone(&started), Instant::now(), before.clone());
        move || {
            let execution = started.fetch_add(1, Ordering::Relaxed);
            // loom counts from one, and has just written where this execution begins.
            if resuming.is_due(execution + 1) {
                tell(&resuming, &before, execution);
                assert!(!options.is_spent(execution, since), "{OUT_OF_BUDGET}");
            }
            run(&body);
        }
    };
    let stacks = Keeping::begin();
    let result = quiet::catch(AssertUnwindSafe(|| builder.check(counted)));
    drop(stacks);
    forget();
    let yielded = take_yielded() || before.is_incomplete;
    let mut exploration = summarise(options, started.load(Ordering::Relaxed), yielded, result);
    // Where this process began, so that the same execution is run.
    let is_there = before.place.is_empty() || std::fs::write(&scratch, &before.place).is_ok();
    let from = (!before.place.is_empty()).then(|| scratch.clone());
    if exploration.failure.is_none() && is_there {
        compare_with_rerun(&mut exploration, &said, from, again);
    }
    // Nobody else reads it.
    let _ = std::fs::remove_file(&scratch);
    exploration.executions += before.executions;
    if let Some(failure) = &mut exploration.failure {
        failure.execution += before.executions;
    }
    Ok(exploration)
}

/// Tells where loom stands after so many executions of this process. It has written that into its file; a stack of loom's is
/// too small for whoever reads it.
fn tell(resuming: &Resuming, before: &Position, executions: u64) {
    let is_incomplete = before.is_incomplete || has_yielded();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // What cannot be read cannot be kept: the position before it stays.
            let Ok(place) = std::fs::read_to_string(&resuming.scratch) else { return };
            let executions = before.executions + executions;
            (resuming.keep)(&Position { executions, abandoned: 0, is_incomplete, place });
        });
    });
}

/// loom with every field set: its defaults come from the environment, and a forgotten variable must not turn a proof into a
/// sample. Limits are our own, since loom's end an exploration as if it were complete.
fn builder() -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.max_threads = THREADS_MAX;
    builder.max_branches = BRANCHES_MAX;
    builder.max_permutations = None;
    builder.max_duration = None;
    builder.preemption_bound = None;
    builder.checkpoint_file = None;
    builder.checkpoint_interval = usize::MAX;
    builder.expect_explicit_explore = false;
    builder.location = true;
    builder.log = false;
    builder
}

/// Runs an execution.
fn run(body: &impl Fn()) {
    forget();
    Loom::came_back();
    locals::to_the_end(body);
}

/// Forgets the execution before.
fn forget() {
    reduction::forget();
    locals::forget();
}

/// Runs the first execution again, and returns in what it came to something else. loom tells nobody what it explores, so
/// nothing but that is compared. An exploration that was resumed began where the file says.
fn difference_of_rerun(
    first: &str,
    from: Option<PathBuf>,
    body: Arc<impl Fn() + Send + Sync + 'static>,
) -> Option<String> {
    let is_over = AtomicBool::new(false);
    let once = move || {
        assert!(!is_over.swap(true, Ordering::Relaxed), "{OUT_OF_BUDGET}");
        run(&*body);
    };
    let mut builder = builder();
    builder.checkpoint_file = from;
    let (result, again) = outcome::of_rerun(|| quiet::catch(AssertUnwindSafe(|| builder.check(once))));
    forget();
    take_yielded();
    match result {
        Err(message) if !message.starts_with(OUT_OF_BUDGET) => {
            Some(format!("the first execution, run again after the last, failed: {message}"))
        }
        _ => outcome::difference(Some(first), again.as_deref()),
    }
}

fn summarise(options: Options, started: u64, yielded: bool, result: Result<(), String>) -> Exploration {
    let (executions, extent, failure) = match result {
        Ok(()) if yielded => (started, Extent::Bounded(Bound::Yields), None),
        Ok(()) => (started, Extent::Exhausted, None),
        Err(message) if message.starts_with(OUT_OF_BUDGET) => {
            let finished = started - 1;
            let bound = match options.executions {
                Some(limit) if finished >= limit => Bound::Executions(limit),
                _ => Bound::Milliseconds(options.time.unwrap_or_default().as_millis() as u64),
            };
            (finished, Extent::Bounded(bound), None)
        }
        Err(message) if message.contains("exceeded maximum number of branches") => {
            (started - 1, Extent::Bounded(Bound::Endless(BRANCHES_MAX as u64)), None)
        }
        Err(message) => {
            let failure = Failure { kind: classify(message), execution: started, decisions: Vec::new() };
            (started, Extent::StoppedAtFailure, Some(failure))
        }
    };
    Exploration { executions, abandoned: 0, extent, failure }
}

/// What a panic of loom's means.
fn classify(message: String) -> FailureKind {
    if message.contains("Causality violation") {
        let mut places = places(&message);
        return FailureKind::DataRace { second: places.pop(), first: places.pop() };
    }
    if message.contains("deadlock; threads") {
        return FailureKind::Deadlock { blocked: vec![message.trim().to_owned()] };
    }
    if message.contains(" leaked") {
        return FailureKind::Leak { message };
    }
    FailureKind::Panic { message }
}

/// The last two places that loom names, each as `file:line:column`; the object's own creation is named first.
fn places(message: &str) -> Vec<String> {
    let mut places: Vec<String> = message
        .lines()
        .filter(|line| !line.trim_start().starts_with("created"))
        .filter_map(|line| line.rsplit_once("@ ").map(|(_, place)| place.trim().to_owned()))
        .collect();
    places.drain(..places.len().saturating_sub(2));
    places
}

#[cfg(test)]
mod unused;

#[cfg(test)]
mod tests {
    use super::*;
    use cancelproof_runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};
    use std::sync::atomic::Ordering::Relaxed;

    type Word = <Loom as Runtime>::AtomicU8;

    fn two_swaps() {
        let word = Arc::new(<Word as Atomic<u8>>::new(0));
        let other = Loom::spawn({
            let word = Arc::clone(&word);
            move || word.swap(1, Relaxed)
        });
        word.swap(2, Relaxed);
        other.join();
    }

    #[test]
    fn an_exploration_that_ends_by_itself_is_exhausted() {
        let exploration = explore(Options::default(), two_swaps);
        assert_eq!(exploration.extent, Extent::Exhausted);
        assert_eq!(exploration.failure, None);
        assert_eq!(exploration.executions, 3);
    }

    #[test]
    fn a_budget_that_runs_out_is_a_bound_and_never_exhausted() {
        let exploration = explore(Options { executions: Some(1), time: None }, two_swaps);
        assert_eq!(exploration.extent, Extent::Bounded(Bound::Executions(1)));
        assert_eq!(exploration.executions, 1);
    }

    #[test]
    fn a_race_is_reported_with_both_lines_of_the_caller() {
        struct Shared(<Loom as Runtime>::UnsafeCell<u8>);
        // SAFETY: loom stops the execution before two accesses overlap.
        unsafe impl Sync for Shared {}
        // SAFETY: as above.
        unsafe impl Send for Shared {}
        let exploration = explore(Options::default(), || {
            let shared = Arc::new(Shared(UnsafeCell::new(0)));
            let other = Loom::spawn({
                let shared = Arc::clone(&shared);
                move || shared.0.with_mut(|_| ())
            });
            shared.0.with_mut(|_| ());
            other.join();
        });
        let Some(FailureKind::DataRace { first: Some(first), second: Some(second) }) =
            exploration.failure.map(|failure| failure.kind)
        else {
            panic!("expected a race with two places");
        };
        assert!(first.contains(file!()) && second.contains(file!()) && first != second, "{first} {second}");
    }

    #[test]
    fn a_deadlock_and_a_panic_are_told_apart() {
        let deadlock = explore(Options::default(), Loom::park).failure.map(|failure| failure.kind);
        assert!(matches!(deadlock, Some(FailureKind::Deadlock { .. })), "{deadlock:?}");
        let panic = explore(Options::default(), || panic!("mine")).failure.map(|failure| failure.kind);
        assert_eq!(panic, Some(FailureKind::Panic { message: "mine".to_owned() }));
    }
}
