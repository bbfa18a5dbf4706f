//! Which object of the graph an object of the running code is, if the code did not create it in this execution.
//!
//! Such an object is numbered by whichever thread comes to it first, and that differs between runs of one graph. So it
//! has no name of its own: it is the object of the first event of the graph that one of its operations is matched with.

use super::Explorer;
use crate::executor::View;
use crate::operation::{Action, ObjectId, Operation, TaskId};

impl Explorer<'_> {
    /// The operation of a task, with the names of the graph.
    pub(super) fn translate(&mut self, task: TaskId, operation: &Operation) -> Operation {
        let lock = match operation.action {
            Action::WaitBegin { lock } => Some(lock),
            _ => None,
        };
        if [operation.object, lock].into_iter().flatten().any(|object| self.naming.is_unnamed(object)) {
            self.bind(task, operation.object, lock);
        }
        self.naming.translate(self.frontier.graph_mut(), task, operation)
    }

    fn bind(&mut self, task: TaskId, object: Option<ObjectId>, lock: Option<ObjectId>) {
        let thread = self.naming.thread(task);
        let recorded = self.next_event(thread).map(|(_, event)| event.operation);
        let recorded_lock = match recorded.map(|operation| operation.action) {
            Some(Action::WaitBegin { lock }) => Some(lock),
            _ => None,
        };
        let index = self.performed[usize::from(thread)];
        let pairs = [(object, recorded.and_then(|operation| operation.object)), (lock, recorded_lock)];
        for (object, recorded) in pairs {
            if let Some(object) = object.filter(|object| self.naming.is_unnamed(*object)) {
                self.naming.bind(self.frontier.graph_mut(), object, recorded, (thread, index));
            }
        }
    }

    /// Names the objects that threads are blocked at in the graph, before anybody comes to them by a new event.
    pub(super) fn bind_blocked(&mut self, view: &View<'_>) {
        let started: Vec<(u8, TaskId)> = self.naming.started().collect();
        for (thread, task) in started {
            if view.unfinished().contains(task) && self.next_event(thread).is_some() {
                self.translate(task, &view.pending()[usize::from(task.0)]);
            }
        }
    }
}
