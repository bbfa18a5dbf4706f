//! Where the execution of this thread is: which task runs, and how much has been told.

use super::{quiet, session};
use crate::operation::TaskId;

/// The task that runs on this thread.
///
/// # Panics
///
/// Panics outside an execution.
#[must_use]
pub fn current_task() -> TaskId {
    session::current()
}

/// Whether the task that runs on this thread unwinds.
///
/// The thread counts as panicking while any of its tasks is suspended in the middle of a panic.
pub(crate) fn is_panicking() -> bool {
    std::thread::panicking() && session::with(|session| session.may_be_panicking())
}

/// Where the last panic on this thread came from that happened inside an engine, as `file:line:column`.
#[must_use]
pub fn last_panic() -> Option<String> {
    quiet::last_panic()
}

/// A moment between two operations of the task that runs on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The task.
    pub task: TaskId,
    /// How often a controller was or will be told, of this execution and before this moment, that a task created an
    /// object or did something that is no scheduling point. A join that had to wait is not counted.
    pub told: usize,
}

/// The present moment of this thread's execution.
#[must_use]
pub fn now() -> Moment {
    Moment { task: session::with(|session| session.current), told: session::told() }
}

/// How many things the tasks of the present execution have told, see [`Moment::told`].
pub(crate) fn told() -> usize {
    session::told()
}
