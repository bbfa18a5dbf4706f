//! A scheduler that has each thread find its own thread-locals of the standard library.

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

use crate::locals;

/// The scheduler within. Whom it chooses goes on next: what is left of the choice is shuttle's own code.
#[derive(Debug)]
pub(crate) struct Apart<S>(pub(crate) S);

impl<S: Scheduler> Scheduler for Apart<S> {
    fn new_execution(&mut self) -> Option<Schedule> {
        locals::forget();
        self.0.new_execution()
    }

    fn next_task(&mut self, tasks: &[&Task], current: Option<TaskId>, is_yielding: bool) -> Option<TaskId> {
        let chosen = self.0.next_task(tasks, current, is_yielding);
        match chosen {
            Some(task) => locals::goes_on(|| task.into()),
            None => locals::nobody_goes_on(),
        }
        chosen
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }
}
