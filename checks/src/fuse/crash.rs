//! A crash at every point.
//!
//! The driver's thread panics right before one of its operations: in a call, in the callback that it runs, or while it
//! drops the request. Meanwhile another thread cancels, and every interleaving is explored. When both are over, a third
//! party makes every call once more.
//!
//! What can be demanded of the request then is less than all. A driver that dies between two steps of one transition
//! leaves it half done, as it would on any platform; nobody can know whether the rest is still to come. But:
//!
//! - **Others are not poisoned**: every call that others make comes to an end, and none of them panics. Under contracts
//!   whose unmark or completion waits for the callback, that call is left out, for the callback of a dead thread never
//!   returns.
//! - **At most once**: the callback is called at most once, whoever does it.
//! - **Nothing twice**: the callback object is released at most once, and nobody accesses a cell that another may still
//!   be using.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof_machine::runtime::{JoinHandle as _, Runtime as _};
use cancelproof_machine::{Callback, OnCancel, Status};

use super::Party;
use super::cancel::label;
use super::grid::{Grid, Reach};
use crate::engine::dpor;
use crate::executor::{Ahead, Controlled, ControlledArc, Interceptor, intercept};
use crate::exploration::{Extent, FailureKind};
use crate::operation::{Action, Operation, TaskId};
use crate::platform::Deliberate;
use crate::scenario::{Program, Step};
use crate::subject::{Made, Subject};

const RELEASED: &str = "called back, released";
const LEAKED: &str = "called back, not released";
const NOT_CALLED: &str = "not called back, released";
const LOST: &str = "not called back, not released";
const NONE: &str = "no callback handed over";

/// What the executions of one point have in common.
#[derive(Debug, Default)]
struct Tally {
    outcomes: Mutex<BTreeMap<&'static str, u64>>,
    /// The operation before which the crash came.
    label: Mutex<Option<String>>,
}

/// The callback object: counts what happens to it.
struct Counting(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    marks: AtomicU32,
    calls: AtomicU32,
    releases: AtomicU32,
}

/// Panics before the operation of the main task with a given number.
struct Crash {
    left: Cell<u32>,
    tally: Arc<Tally>,
}

/// Runs `party` on `subject` with a crash before each operation of the driver's, in every interleaving with a cancel.
///
/// # Panics
///
/// Panics if the program of the party does not parse, or if the subject does not run on our own executor.
#[must_use]
pub fn at_every_point(subject: &'static dyn Subject, party: &Party) -> Grid {
    // The programs are constant, and a test runs them all.
    let program: Program = party.program.parse().expect("the program of a party is a program");
    let steps: Arc<[Step]> = program.threads[0].as_slice().into();
    let reaches = (0..).map_while(|point| run(subject, &steps, point)).collect();
    Grid {
        request: subject.name().to_owned(),
        party: party.name.to_owned(),
        outcomes: vec![RELEASED, LEAKED, NOT_CALLED, LOST, NONE],
        reaches,
    }
}

/// One point; nothing if no execution comes to it.
fn run(subject: &'static dyn Subject, steps: &Arc<[Step]>, point: u32) -> Option<Reach> {
    let tally = Arc::new(Tally::default());
    let (steps, of_body) = (Arc::clone(steps), Arc::clone(&tally));
    let exploration =
        dpor::explore(&dpor::Options::default(), move || body(subject, &steps, point, &of_body));
    let label = lock(&tally.label).take()?;
    let violations = match (exploration.failure, exploration.extent) {
        (Some(failure), _) => vec![explain(&failure.kind)],
        (None, Extent::Exhausted) => Vec::new(),
        (None, extent) => vec![format!("not exhausted: {extent:?}")],
    };
    let outcomes = std::mem::take(&mut *lock(&tally.outcomes));
    Some(Reach { point: format!("{point}: {label}"), outcomes, violations })
}

fn explain(failure: &FailureKind) -> String {
    match failure {
        FailureKind::Panic { message } => message.clone(),
        FailureKind::Deadlock { blocked } => format!("calls of others do not end: {}", blocked.join(", ")),
        other => format!("{other:?}"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One execution.
fn body(subject: &'static dyn Subject, steps: &[Step], point: u32, tally: &Arc<Tally>) {
    let made = subject.on_controlled().expect("the request runs on our own executor");
    let request: ControlledArc<Made<Controlled>> = ControlledArc::new(made);
    let counts = Arc::new(Counts::default());
    let cancelers = request.clone();
    let canceler = Controlled::spawn(move || {
        let _ = cancelers.cancel();
    });
    let last = request.clone();
    let crash = Rc::new(Crash { left: Cell::new(point), tally: Arc::clone(tally) });
    intercept(Rc::clone(&crash) as Rc<dyn Interceptor>);
    let result = catch_unwind(AssertUnwindSafe(|| {
        for &step in steps {
            take_step(&request, step, &counts);
        }
        drop(request);
    }));
    // From here on nothing crashes any more.
    crash.left.set(u32::MAX);
    let has_crashed = match result {
        Ok(()) => false,
        Err(panic) if panic.is::<Deliberate>() => true,
        Err(panic) => resume_unwind(panic),
    };
    canceler.join();
    call_once_more(subject, &last);
    drop(last);
    if has_crashed {
        *lock(&tally.outcomes).entry(counts.judge()).or_default() += 1;
    }
}

fn take_step(request: &ControlledArc<Made<Controlled>>, step: Step, counts: &Arc<Counts>) {
    match step {
        Step::Mark => {
            counts.marks.fetch_add(1, Ordering::Relaxed);
            let _ = request.mark(Callback::new(Counting(Arc::clone(counts))));
        }
        Step::Unmark | Step::Finish => {
            let _ = request.unmark();
            if step == Step::Finish {
                let _ = request.complete(Status::Success);
            }
        }
        Step::Complete => {
            let _ = request.complete(Status::Success);
        }
        Step::IsCanceled => {
            let _ = request.is_canceled();
        }
        Step::Cancel => {
            let _ = request.cancel();
        }
        // No party takes other steps.
        _ => {}
    }
}

/// What a third party does when everybody else is done or dead: every call that does not wait for a callback, which must
/// come to an end.
fn call_once_more(subject: &dyn Subject, request: &ControlledArc<Made<Controlled>>) {
    let _ = request.is_canceled();
    let _ = request.cancel();
    if !subject.contract().unmark_waits() {
        let _ = request.unmark();
    }
    if !subject.contract().completion_waits() {
        let _ = request.complete(Status::Error);
    }
}

impl Counts {
    /// The outcome.
    ///
    /// # Panics
    ///
    /// Panics, and so fails the execution, if something happened more often than it may.
    fn judge(&self) -> &'static str {
        let count = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        let (marks, calls, releases) = (count(&self.marks), count(&self.calls), count(&self.releases));
        assert!(calls <= 1, "one request called back {calls} times");
        assert!(releases <= marks, "{marks} callbacks were handed over and {releases} released");
        match (marks, calls, releases == marks) {
            (0, ..) => NONE,
            (_, 1, true) => RELEASED,
            (_, 1, false) => LEAKED,
            (_, _, true) => NOT_CALLED,
            (_, _, false) => LOST,
        }
    }
}

/// Whether code can panic right before this. What a destructor gives back it gives back, and a wait begins in the same
/// step in which it gives up its lock.
fn is_point(action: Action) -> bool {
    !matches!(action, Action::Unlock | Action::ReferenceDrop | Action::WaitBegin { .. })
}

impl OnCancel for Counting {
    fn on_cancel(&self) {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        // A point inside the callback.
        Controlled::yield_now();
    }

    fn on_release(&self) {
        self.0.releases.fetch_add(1, Ordering::Relaxed);
    }
}

impl Interceptor for Crash {
    fn perform(&self, task: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        // A second panic while one is on its way would end the process and not the call.
        let is_drivers = task == TaskId(0) && self.left.get() != u32::MAX && !std::thread::panicking();
        if is_drivers && is_point(operation.action) {
            if let Some(left) = self.left.get().checked_sub(1) {
                self.left.set(left);
            } else {
                self.left.set(u32::MAX);
                lock(&self.tally.label).get_or_insert_with(|| label(operation));
                resume_unwind(Box::new(Deliberate));
            }
        }
        ahead.perform(operation.action)
    }
}
