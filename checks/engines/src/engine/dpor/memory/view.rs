//! What one task has seen, and what its writes release.

use core::sync::atomic::Ordering;

use super::{HELD, Object};
use crate::engine::dpor::clock::Clock;
use crate::operation::TaskId;

/// What happens before a task, by its own order and by what it has read.
#[derive(Clone, Copy, Debug)]
pub(super) struct TaskView {
    /// What happens before the task's next operation.
    pub(super) seen: Clock,
    /// What an acquire fence would add: released by writes that relaxed reads have read.
    pub(super) read: Clock,
    /// What the last release fence covers: relaxed writes after it release this much.
    pub(super) fenced: Clock,
    /// What unparks of this task have released.
    pub(super) token: Clock,
}

impl TaskView {
    pub(super) const NEW: TaskView =
        TaskView { seen: Clock::ZERO, read: Clock::ZERO, fenced: Clock::ZERO, token: Clock::ZERO };

    /// Takes a lock alone.
    pub(super) fn take(&mut self, lock: &mut Object) {
        self.seen.join(&lock.released);
        self.seen.join(&lock.shared);
        lock.value = HELD;
    }

    /// Arrives where tasks meet. Who comes last has seen all that the others of its group did.
    pub(super) fn arrive(&mut self, task: TaskId, meeting: &mut Object, is_last: bool) {
        let released = self.release(task, Ordering::Release);
        meeting.shared.join(&released);
        if is_last {
            let all = core::mem::replace(&mut meeting.shared, Clock::ZERO);
            self.seen.join(&all);
        }
    }

    pub(super) fn read_from(&mut self, object: &Object, ordering: Ordering) {
        if acquires(ordering) {
            self.seen.join(&object.released);
        } else {
            self.read.join(&object.released);
        }
    }

    /// What a write of this task releases. What the task does afterwards is not part of it.
    pub(super) fn release(&mut self, task: TaskId, ordering: Ordering) -> Clock {
        if !releases(ordering) {
            return self.fenced;
        }
        let released = self.seen;
        self.seen.tick(task);
        released
    }

    /// A read-modify-write continues the release sequence that it reads from.
    pub(super) fn read_and_write(&mut self, task: TaskId, object: &mut Object, ordering: Ordering) {
        self.read_from(object, ordering);
        let released = self.release(task, ordering);
        object.released.join(&released);
    }
}

pub(super) fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

pub(super) fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}
