//! Preemptions: who runs, and which switches count.

use crate::executor::TaskSet;
use crate::operation::TaskId;

/// Which task runs, in one execution.
///
/// A switch is a *preemption* if the task that is switched away from could go on and has not yielded. A local
/// operation is performed on the spot, without a choice, and is no switch.
#[derive(Debug)]
pub(super) struct Running {
    task: Option<TaskId>,
    /// Whether its last operation was a yield.
    yielded: bool,
    preemptions: u32,
}

impl Running {
    pub(super) const NOBODY: Running = Running { task: None, yielded: false, preemptions: 0 };

    /// The preemptions so far.
    pub(super) fn preemptions(&self) -> u32 {
        self.preemptions
    }

    /// The running task, if it is one of `able` and has not yielded: a switch away from it would be a preemption.
    pub(super) fn preemptible(&self, able: TaskSet) -> Option<TaskId> {
        self.task.filter(|task| able.contains(*task) && !self.yielded)
    }

    /// The task to try first where preemptions are bounded: the running one or, after a yield, the next one.
    pub(super) fn prefer(&self, free: TaskSet) -> Option<TaskId> {
        self.preemptible(free).or_else(|| self.next(free))
    }

    /// The next task in cyclic order: the one to try first where every order is tried in the end.
    ///
    /// Most faults need a few switches at the right places. An execution in which tasks take turns has switches
    /// everywhere, and the executions after it are its neighbours, so the first failure comes early: if instead the
    /// running task goes on, sampling is first on three times as many faults of the gauntlet.
    pub(super) fn next(&self, free: TaskSet) -> Option<TaskId> {
        let after = self.task.map_or(0, |task| task.0 + 1);
        free.iter().find(|task| task.0 >= after).or(free.first())
    }

    /// A task performs an operation; `able` are the tasks that could.
    pub(super) fn performed(&mut self, task: TaskId, local: bool, yields: bool, able: TaskSet) {
        if self.task == Some(task) {
            self.yielded = yields;
        } else if !local {
            self.preemptions += u32::from(self.preemptible(able).is_some());
            *self = Running { task: Some(task), yielded: false, preemptions: self.preemptions };
        }
    }
}
