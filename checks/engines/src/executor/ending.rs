//! How an execution ends, and what its controller is told of that.

use super::controller::{Controller, Ending, TaskSet, View};
use super::session;
use crate::exploration::Bound;
use crate::operation::TaskId;

/// Where the tasks of an execution came to.
pub(super) enum CameTo {
    /// Nothing is enabled: the execution is complete, or what is left of it is deadlocked.
    Rest { unfinished: TaskSet, last: Option<TaskId> },
    /// The controller gave it up.
    GivenUp,
    /// The controller does not let a task go on.
    Refused,
    /// A task came to a limit.
    Exceeded { bound: Bound },
    /// A task panicked.
    Panic { task: TaskId, message: String },
}

impl CameTo {
    /// Whether every task has ended.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self, CameTo::Rest { unfinished, .. } if unfinished.is_empty())
    }
}

/// Tells the controller how the execution ended.
pub(super) fn tell_end<C: Controller>(controller: &mut C, came_to: CameTo) {
    match came_to {
        CameTo::Panic { task, message } => controller.end(Ending::Panic { task, message: &message }),
        CameTo::Exceeded { bound } => controller.end(Ending::Exceeded { bound }),
        CameTo::GivenUp | CameTo::Refused => controller.end(Ending::Abandoned),
        CameTo::Rest { unfinished, .. } if unfinished.is_empty() => controller.end(Ending::Complete),
        CameTo::Rest { unfinished, last } => {
            // The controller that hears of the end may drop objects of this execution, so the session is not
            // borrowed.
            let pending = session::with(|session| core::mem::take(&mut session.pending));
            controller.end(Ending::Deadlock { view: View::new(TaskSet::EMPTY, unfinished, last, &pending) });
            session::with(|session| session.pending = pending);
        }
    }
}
