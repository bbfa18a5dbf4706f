//! Fairness: loops that wait for another task, and loops that wait for ever.
//!
//! A *turn* is what a task does from one yield to the next. A task whose turn changed nothing, and was the same as
//! the turn before it (same lines, same objects, same values read), is taken to wait: repeating the turn cannot
//! come out differently until another task changes one of the objects that it read. Until then the task is not
//! scheduled. So a waiting loop costs two fruitless turns, not a tree of unbounded depth.
//!
//! What is lost, and what to do about it: a loop that counts its turns and gives up after more than two is not
//! seen giving up while other tasks could still run. Such a loop has an outcome that depends on the speed of a
//! thread; raise `Options::fruitless_turns` to the number of its turns, and it is explored exactly.
//!
//! If all tasks that could run wait, they run on in turn. After [`IDLE_TURNS`] more fruitless turns of each, the
//! whole observable state has repeated under a fair schedule: a livelock.

use super::dependency::Access;
use crate::engine::shard::mix;
use crate::executor::{TASKS_MAX, TaskSet};
use crate::operation::{Action, Operation, TaskId};

/// The number of turns for which every task must wait in vain before that is called a livelock. A loop that gives
/// up after fewer turns is not mistaken for one.
pub(super) const IDLE_TURNS: u32 = 100;

/// Who waits, in one execution.
#[derive(Debug)]
pub(super) struct Waiting {
    turns: [Turn; TASKS_MAX],
    tasks: TaskSet,
    /// How many fruitless turns in a row, after the first, make a task wait.
    fruitless: u32,
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    /// What the task did since its last yield.
    fingerprint: u64,
    /// Whether that left everything as it was.
    pure: bool,
    /// The objects that it looked at, folded into 64 bits.
    watched: u64,
    /// The turn before.
    previous: u64,
    /// How often in a row a turn was the same as the one before.
    repeated: u32,
    /// Turns since anything changed, while everybody waited.
    idle: u32,
}

impl Turn {
    const NEW: Turn = Turn { fingerprint: 0, pure: true, watched: 0, previous: 0, repeated: 0, idle: 0 };
}

impl Waiting {
    pub(super) fn new(fruitless: u32) -> Self {
        Waiting { turns: [Turn::NEW; TASKS_MAX], tasks: TaskSet::EMPTY, fruitless: fruitless.max(1) }
    }

    pub(super) fn reset(&mut self) {
        self.turns = [Turn::NEW; TASKS_MAX];
        self.tasks = TaskSet::EMPTY;
    }

    /// The tasks that wait for another to change something.
    pub(super) fn tasks(&self) -> TaskSet {
        self.tasks
    }

    /// Of tasks that all wait, the one to run next; `None` if all have waited in vain for long enough.
    pub(super) fn next_idle(&self, tasks: TaskSet) -> Option<TaskId> {
        let next = tasks.iter().min_by_key(|task| self.turns[usize::from(task.0)].idle)?;
        (self.turns[usize::from(next.0)].idle < IDLE_TURNS).then_some(next)
    }

    /// A task performed an operation, which read `value`.
    pub(super) fn performed(&mut self, task: TaskId, operation: &Operation, access: Access, value: u64) {
        if operation.action == Action::Yield {
            self.end_turn(task, operation);
            return;
        }
        let bit = operation.object.map_or(u64::MAX, |object| 1 << (object.0 % 64));
        let changes = match access {
            Access::Read(_) => {
                matches!(operation.action, Action::NotifyOne | Action::NotifyAll | Action::Unpark { .. })
            }
            Access::Write(_) | Access::Wait { .. } => true,
            // Taking and releasing a lock leaves everything as it was, except for those that wait for the lock's
            // contents.
            Access::Lock(_) | Access::Local => false,
            Access::Unlock(_) => {
                self.wake(task, bit);
                false
            }
        };
        let turn = &mut self.turns[usize::from(task.0)];
        turn.watched |= bit;
        turn.pure &= !changes;
        turn.fingerprint = mix(mix(turn.fingerprint, name(operation) ^ bit), value);
        if changes {
            self.wake(task, bit);
        }
    }

    fn end_turn(&mut self, task: TaskId, operation: &Operation) {
        let turn = &mut self.turns[usize::from(task.0)];
        let fingerprint = mix(turn.fingerprint, name(operation));
        let same = turn.pure && fingerprint == turn.previous;
        turn.repeated = if same { turn.repeated + 1 } else { 0 };
        if turn.watched == 0 {
            // A turn that looked at nothing waits for nothing in particular.
            turn.watched = u64::MAX;
        }
        if turn.repeated >= self.fruitless {
            turn.idle += u32::from(self.tasks.contains(task));
            self.tasks.insert(task);
            // What is watched stays, until the next turn adds to it or a change ends the wait.
        } else {
            self.tasks.remove(task);
            turn.idle = 0;
            turn.watched = 0;
        }
        turn.previous = if turn.pure { fingerprint } else { 0 };
        turn.fingerprint = 0;
        turn.pure = true;
    }

    /// A task changed an object: whoever waits for it looks again.
    fn wake(&mut self, changer: TaskId, bit: u64) {
        for task in self.tasks.iter() {
            let turn = &mut self.turns[usize::from(task.0)];
            if task != changer && turn.watched & bit != 0 {
                turn.repeated = 0;
                turn.idle = 0;
                self.tasks.remove(task);
            }
        }
    }
}

fn name(operation: &Operation) -> u64 {
    core::ptr::from_ref(operation.location).addr() as u64
}
