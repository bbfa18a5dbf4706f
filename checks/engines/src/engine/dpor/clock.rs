//! Vector clocks over the tasks of one execution.

use crate::executor::TASKS_MAX;
use crate::operation::TaskId;

/// How far each task had come. Sixteen lanes of sixteen bits: a join is a handful of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Clock([u16; TASKS_MAX]);

impl Clock {
    pub(super) const ZERO: Clock = Clock([0; TASKS_MAX]);
    /// Later than everything.
    pub(super) const NEVER: Clock = Clock([u16::MAX; TASKS_MAX]);

    #[inline]
    pub(super) fn get(&self, task: TaskId) -> u16 {
        self.0[usize::from(task.0)]
    }

    #[inline]
    pub(super) fn set(&mut self, task: TaskId, time: u16) {
        self.0[usize::from(task.0)] = time;
    }

    #[inline]
    pub(super) fn tick(&mut self, task: TaskId) {
        self.0[usize::from(task.0)] += 1;
    }

    #[inline]
    pub(super) fn join(&mut self, other: &Clock) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Whether every task but one has come no further than in `other`.
    #[inline]
    pub(super) fn is_within_but_for(&self, other: &Clock, task: TaskId) -> bool {
        let mut mine = *self;
        mine.set(task, 0);
        mine.0
            .iter()
            .zip(&other.0)
            .map(|(mine, theirs)| u8::from(mine > theirs))
            .fold(0, |any, one| any | one)
            == 0
    }

    /// Whether some task has come at least as far as in `other`.
    #[inline]
    pub(super) fn reaches(&self, other: &Clock) -> bool {
        // No early exit: the comparison of all lanes at once is cheaper than a branch for each.
        self.0
            .iter()
            .zip(&other.0)
            .map(|(mine, theirs)| u8::from(mine >= theirs))
            .fold(0, |any, one| any | one)
            != 0
    }
}
