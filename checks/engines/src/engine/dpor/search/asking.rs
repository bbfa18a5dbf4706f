//! Asking for the other orders of races that no two performed operations show.

use super::Search;
use crate::engine::dpor::dependency::Access;
use crate::engine::dpor::node::ask;
use crate::engine::dpor::order::{Next, Race};
use crate::executor::{TaskSet, View};
use crate::operation::{Action, Operation, TaskId};

impl Search {
    /// The next event of a task, for the order of events.
    pub(super) fn next(&self, decision: TaskId, operation: &Operation, access: Access) -> Next {
        let needs_no_token = self.spurious.allows(decision.plain(), operation);
        Next { decision, access, needs_no_token }
    }

    /// Ending one wait can disable the end of another that is enabled now; so the race is between the two, here.
    pub(super) fn ask_for_competing_waiters(&mut self, view: &View<'_>, task: TaskId, operation: &Operation) {
        for other in view.enabled().union(view.spurious()).iter().filter(|other| *other != task) {
            let pending = &view.pending()[usize::from(other.0)];
            if pending.action == Action::WaitEnd && pending.object == operation.object {
                let race = Race { earlier: self.depth, initials: TaskSet::EMPTY, reversed: Some(other) };
                ask(&mut self.path, self.root, &mut self.found.requests, &race);
            }
        }
    }

    /// Before an execution is given up because all that could go on sleeps: what the tasks that cannot go on race
    /// with must still be reversed.
    pub(super) fn ask_for_blocked(&mut self, view: &View<'_>) {
        if self.rules.preemptions.is_some() {
            return;
        }
        for task in view.unfinished().difference(self.sleep).iter() {
            self.ask_in_vain(task, &view.pending()[usize::from(task.0)]);
        }
    }

    /// What an operation races with that is not performed must still be reversed.
    pub(super) fn ask_in_vain(&mut self, decision: TaskId, operation: &Operation) {
        let next = self.next(decision, operation, Access::of(decision, operation, &self.memory));
        let (path, root, requests) = (&mut self.path, self.root, &mut self.found.requests);
        self.order.step_blocked(next, |race| ask(path, root, requests, &race));
    }
}
