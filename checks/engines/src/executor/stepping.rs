//! One step: the controller is asked, and what it chooses is performed.

use super::controller::{Choice, Controller, TaskSet, View};
use super::session::{Reply, Session};
use crate::arena::Trouble;
use crate::operation::{Action, Operation, TaskId};

/// What came of asking the controller.
pub(super) enum Step {
    Performed(TaskId, Result<u64, u64>),
    /// The object of the operation was dropped while its task was about to perform it.
    Dropped {
        task: TaskId,
        message: String,
    },
    Abandoned,
    NothingEnabled {
        unfinished: TaskSet,
    },
}

impl Step {
    fn of(session: &Session, task: TaskId, operation: &Operation, reply: Reply) -> Step {
        match session.end_of(operation) {
            None => Step::Performed(task, reply),
            Some(dropped) => {
                let trouble = Trouble::UsedAfterEnd { dropped, used: operation.location };
                Step::Dropped { task, message: trouble.to_string() }
            }
        }
    }
}

pub(super) fn step<C: Controller>(session: &mut Session, controller: &mut C, last: Option<TaskId>) -> Step {
    let unfinished = session.unfinished();
    let (enabled, spurious) = session.enabled(unfinished, C::OWNS_SYNCHRONISATION);
    // No code can rely on a spurious wake-up: where nothing else is left, the execution without it ends here.
    if enabled.is_empty() {
        return Step::NothingEnabled { unfinished };
    }
    match controller.choose(&View { enabled, unfinished, spurious, last, pending: &session.pending }) {
        Choice::Abandon => Step::Abandoned,
        Choice::PerformSpuriously(task) => {
            let operation = session.pending[usize::from(task.0)];
            let is_weak = matches!(operation.action, Action::CompareExchange { weak: true, .. });
            assert!(
                is_weak || spurious.contains(task) || C::OWNS_SYNCHRONISATION,
                "the controller chose that {operation} of {task} comes out spuriously, which it cannot"
            );
            if !C::OWNS_SYNCHRONISATION {
                session.synchronisation.apply_spuriously(task, &operation);
            }
            let reply = controller.perform(task, &operation);
            Step::of(session, task, &operation, reply)
        }
        Choice::Perform(task) => {
            assert!(enabled.contains(task), "the controller chose {task}, which is not enabled");
            let operation = session.pending[usize::from(task.0)];
            if C::OWNS_SYNCHRONISATION {
                let reply = controller.perform(task, &operation);
                return Step::of(session, task, &operation, reply);
            }
            let operation = session.synchronisation.settled(task, &operation);
            let is_over = session.synchronisation.is_over(task, &operation);
            session.synchronisation.apply(task, &operation);
            let reply = controller.perform(task, &operation);
            let reply = if is_over { reply.and(Err(0)) } else { reply };
            Step::of(session, task, &operation, reply)
        }
    }
}
