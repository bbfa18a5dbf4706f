//! Which decisions are within a bound on preemptions that is asked of traces.

use super::Search;
use crate::engine::dpor::dependency::Access;
use crate::executor::{TaskSet, View};
use crate::operation::{Operation, TaskId};

impl Search {
    /// Those of the decisions that some order within the bound has come to.
    pub(super) fn affordable(&mut self, view: &View<'_>, decisions: TaskSet) -> TaskSet {
        decisions.iter().filter(|decision| self.affords(view, *decision)).collect()
    }

    fn affords(&mut self, view: &View<'_>, decision: TaskId) -> bool {
        let task = decision.plain();
        let operation = &view.pending()[usize::from(task.0)];
        let access = Access::of(decision, operation, &self.memory);
        let Some(least) = &mut self.least else { return true };
        if access.is_local() || least.is_plainly_within(task) {
            return true;
        }
        let event = least.event(decision, operation, access, self.order.clock_of_next(task, access));
        least.is_within(task, event)
    }

    /// Leaves decisions out: what their operations race with must still be reversed, since the other order may be within
    /// the bound.
    pub(super) fn leave_out(&mut self, view: &View<'_>, decisions: TaskSet) {
        self.found.cut |= !decisions.is_empty();
        for decision in decisions.iter() {
            self.ask_in_vain(decision, &view.pending()[usize::from(decision.plain().0)]);
        }
    }

    /// Takes down an event that is about to happen, for the preemptions of its trace.
    pub(super) fn keep_event(&mut self, view: &View<'_>, decision: TaskId, operation: &Operation) {
        let Some(least) = &mut self.least else { return };
        let task = decision.plain();
        let event = least.event(decision, operation, self.access, self.order.clock_of(task));
        least.performed(decision, operation, event);
        if !self.access.is_local() {
            let able = view.enabled().difference(self.waiting.tasks());
            least.switched(self.running.preemptible(able), task);
        }
    }
}
