//! Fairness: loops that wait for another task, and loops that wait for ever.
//!
//! A *turn* is what a task does from one yield to the next; of a task that does not yield, from one operation to its next
//! of the same line on the same object. A task whose turn changed nothing, looked like the turn
//! before it (same lines, same objects, same values read), and left the task itself in the state in which it had
//! begun, is taken to wait: repeating the turn cannot come out differently until another task changes one of the
//! objects that it read. Until then the task is not scheduled. So a waiting loop costs two fruitless turns, not a tree
//! of unbounded depth, and nothing is lost: a further turn leads to a state that is there already.
//!
//! That the task's own state is the same is *shown*, by its stack and registers (`executor/standing.rs`). A loop that
//! counts its turns has another state after each, and so has straight code that looks several times. Such turns are explored up
//! to [`Options::turns`](super::Options::turns) of them; then the task waits as if it repeated itself, and the
//! exploration is bounded.
//!
//! Turns that write are never taken to wait. If they read and write the same again and again, they are explored up to as
//! many; then the execution is given up, and the exploration is bounded.
//!
//! What counts as a change: every write, but a read-modify-write that writes what it has read; the end of a critical
//! section in which the guard gave access to change what the lock protects; a write to a cell; a new object or task.
//! A read-modify-write that changes no value still orders memory. The first such turn is explored, and further ones
//! only add to what happens before what, so no data race is lost.
//!
//! If all tasks that could run wait, they run on in turn. If after [`IDLE_TURNS`] more fruitless turns each of them is shown
//! to repeat itself, the whole state has repeated under a fair schedule: a livelock. While one of them is not, they
//! go on until it gives up or the steps are used up; nothing can be said of it.

use super::dependency::Access;
use super::search::Rules;
use crate::engine::shard::mix;
use crate::executor::standing::{Comparison, Standing};
use crate::executor::{TASKS_MAX, TaskSet};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// The number of turns for which every task must wait in vain before that is called a livelock.
pub(super) const IDLE_TURNS: u32 = 100;

/// Who waits, in one execution.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Turns that end with a yield.
    turns: [Turn; TASKS_MAX],
    /// Turns without one.
    spins: [Turn; TASKS_MAX],
    /// Each task as it was when its last turn ended, of either kind.
    standings: [[Standing; TASKS_MAX]; 2],
    tasks: TaskSet,
    /// How many fruitless turns in a row, after the first, make a task wait.
    fruitless: u32,
    /// How many that only look so do.
    alike_max: u32,
    /// Whether turns may be shown to repeat.
    shows: bool,
    /// Whether a task waits, in this execution, that was not shown to repeat itself.
    is_cut: bool,
    /// Whether a task has written the same again and again.
    is_worn_out: bool,
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    /// What the task did since its last yield.
    fingerprint: u64,
    /// Whether no operation of it changed anything.
    pure: bool,
    /// Whether it changed something else: made an object, started a thread, had access to what a lock or a cell holds.
    touches: bool,
    /// The objects that it looked at, folded into 64 bits.
    watched: u64,
    /// The turn before, if that left everything as it was.
    previous: u64,
    /// The turn before.
    last: u64,
    /// How often in a row a turn changed something, and looked like the one before.
    busy: u32,
    /// How often in a row a turn was shown to repeat the one before.
    repeated: u32,
    /// How often in a row it looked so.
    alike: u32,
    /// Turns since anything changed, while everybody waited.
    idle: u32,
    /// The first operation of the turn; 0 if there was none.
    first: u64,
    /// Whether the task waits because of these turns.
    waits: bool,
}

impl Turn {
    const NEW: Turn = Turn {
        fingerprint: 0,
        pure: true,
        touches: false,
        watched: 0,
        previous: 0,
        last: 0,
        busy: 0,
        repeated: 0,
        alike: 0,
        idle: 0,
        first: 0,
        waits: false,
    };

    fn notice(&mut self, bit: u64, what: u64, changes: bool) {
        self.watched |= bit;
        self.pure &= !changes;
        self.fingerprint = mix(self.fingerprint, what);
    }
}

impl Waiting {
    pub(super) fn new(rules: &Rules) -> Self {
        let fruitless = rules.fruitless_turns.max(1);
        Waiting {
            turns: [Turn::NEW; TASKS_MAX],
            spins: [Turn::NEW; TASKS_MAX],
            standings: core::array::from_fn(|_| core::array::from_fn(|_| Standing::default())),
            tasks: TaskSet::EMPTY,
            fruitless,
            alike_max: rules.turns.max(fruitless),
            shows: rules.cut_turns,
            is_cut: false,
            is_worn_out: false,
        }
    }

    pub(super) fn reset(&mut self) {
        self.turns = [Turn::NEW; TASKS_MAX];
        self.spins = [Turn::NEW; TASKS_MAX];
        self.standings.iter_mut().flatten().for_each(Standing::forget);
        self.tasks = TaskSet::EMPTY;
        self.is_cut = false;
        self.is_worn_out = false;
    }

    /// The tasks that wait for another to change something.
    pub(super) fn tasks(&self) -> TaskSet {
        self.tasks
    }

    /// Whether a task waits that would perhaps have done something else.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether the execution has gone on for long enough: a task's turns write the same again and again.
    pub(super) fn is_worn_out(&self) -> bool {
        self.is_worn_out
    }

    /// Of tasks that all wait, the one to run next; `None` if all have waited in vain for long enough.
    pub(super) fn next_idle(&self, tasks: TaskSet) -> Option<TaskId> {
        let of = |task: TaskId| [&self.turns[usize::from(task.0)], &self.spins[usize::from(task.0)]];
        let idle = |task: TaskId| of(task).iter().map(|turn| turn.idle).max().unwrap_or(0);
        let repeats = |task| of(task).iter().any(|turn| turn.waits && turn.repeated >= self.fruitless);
        let next = tasks.iter().min_by_key(|task| idle(*task))?;
        let is_livelock = idle(next) >= IDLE_TURNS && tasks.iter().all(repeats);
        (!is_livelock).then_some(next)
    }

    /// A task performed an operation, which read `value`.
    pub(super) fn performed(&mut self, task: TaskId, operation: &Operation, access: Access, value: u64) {
        if operation.action == Action::Yield {
            self.end_turn(task, Kind::Yielding, name(operation));
            self.spins[usize::from(task.0)] = Turn::NEW;
            self.standings[Kind::Spinning as usize][usize::from(task.0)].forget();
            self.settle(task);
            return;
        }
        let bit = bit(operation);
        self.begin_spin(task, name(operation) ^ bit);
        let changes = match access {
            Access::Read(_) => {
                matches!(operation.action, Action::NotifyOne | Action::NotifyAll | Action::Unpark { .. })
            }
            // Without a token nothing changes, and with one the next turn is another.
            Access::Write(_) if operation.action == Action::ParkTimed => false,
            // A wait whose time is over has left everything as it was.
            Access::Write(_) if operation.action == (Action::WaitEndTimed { notified: false }) => false,
            Access::Write(_) | Access::Arrive { .. } | Access::Open(_) => true,
            Access::Wait { lock, .. } => {
                self.wake(task, bit_of(lock), false);
                false
            }
            // Taking and releasing a lock leaves everything as it was, except for those that wait for the lock's
            // contents.
            Access::Lock(_)
            | Access::Take { .. }
            | Access::Look { .. }
            | Access::Peek { .. }
            | Access::Pass(_)
            | Access::Local => false,
            Access::Unlock(_) | Access::Give { .. } => {
                self.wake(task, bit, false);
                false
            }
        };
        self.notice(task, bit, mix(name(operation) ^ bit, value), changes);
    }

    /// A task did something that is no scheduling point.
    pub(super) fn observed(&mut self, task: TaskId, operation: &Operation) {
        match operation.action {
            Action::CellRead => self.notice(task, bit(operation), name(operation), false),
            Action::CellWrite => {
                self.created(task);
                self.notice(task, bit(operation), name(operation), true);
            }
            _ => self.created(task),
        }
    }

    /// A task created an object, or changed something in a way that is not known.
    pub(super) fn created(&mut self, task: TaskId) {
        self.turns[usize::from(task.0)].touches = true;
        self.spins[usize::from(task.0)].touches = true;
    }

    fn notice(&mut self, task: TaskId, bit: u64, what: u64, changes: bool) {
        self.turns[usize::from(task.0)].notice(bit, what, changes);
        self.spins[usize::from(task.0)].notice(bit, what, changes);
        if changes {
            self.wake(task, bit, true);
        }
    }

    /// A task comes to an operation other than a yield. If its turn began with the same, another begins.
    fn begin_spin(&mut self, task: TaskId, what: u64) {
        let first = self.spins[usize::from(task.0)].first;
        if first == 0 {
            self.spins[usize::from(task.0)].first = what;
            self.standings[Kind::Spinning as usize][usize::from(task.0)].begin(task);
        } else if first == what {
            self.end_turn(task, Kind::Spinning, what);
            self.settle(task);
        }
    }

    fn end_turn(&mut self, task: TaskId, kind: Kind, end: u64) {
        let place = usize::from(task.0);
        let comparison = self.standings[kind as usize][place].renew(task);
        let turn = match kind {
            Kind::Yielding => &mut self.turns[place],
            Kind::Spinning => &mut self.spins[place],
        };
        turn.touches |= comparison == Comparison::Touched;
        let fingerprint = mix(turn.fingerprint, end);
        let looks_alike = core::mem::replace(&mut turn.last, fingerprint) == fingerprint;
        let is_busy = looks_alike && kind == Kind::Yielding && (!turn.pure || turn.touches);
        turn.busy = if is_busy { turn.busy + 1 } else { 0 };
        self.is_worn_out |= turn.busy >= self.alike_max;
        let alike = turn.pure && !turn.touches && fingerprint == turn.previous;
        let shown = alike && self.shows && comparison == Comparison::Same;
        turn.alike = if alike { turn.alike + 1 } else { 0 };
        turn.repeated = if shown { turn.repeated + 1 } else { 0 };
        if turn.watched == 0 {
            // A turn that looked at nothing waits for nothing in particular.
            turn.watched = u64::MAX;
        }
        let repeats = turn.repeated >= self.fruitless;
        let waits = repeats || turn.alike >= self.alike_max;
        if waits {
            self.is_cut |= !repeats;
            turn.idle += u32::from(turn.waits);
            // What is watched stays, until the next turn adds to it or a change ends the wait.
        } else {
            turn.idle = 0;
            turn.watched = 0;
        }
        turn.waits = waits;
        turn.previous = if turn.pure { fingerprint } else { 0 };
        turn.fingerprint = 0;
        turn.pure = true;
        turn.touches = false;
    }

    /// Who waits follows from either kind of turn.
    fn settle(&mut self, task: TaskId) {
        let place = usize::from(task.0);
        if self.turns[place].waits || self.spins[place].waits {
            self.tasks.insert(task);
        } else {
            self.tasks.remove(task);
        }
    }

    /// A task changed an object, or may have: whoever waits for it looks again. Without a change that is known, not
    /// for ever: two tasks that look at what one lock protects would keep each other awake.
    fn wake(&mut self, changer: TaskId, bit: u64, is_known: bool) {
        for task in self.tasks.iter() {
            let place = usize::from(task.0);
            for turn in [&mut self.turns[place], &mut self.spins[place]] {
                if task == changer || turn.watched & bit == 0 || !turn.waits {
                    continue;
                }
                if !is_known && turn.alike >= self.alike_max {
                    self.is_cut = true;
                    continue;
                }
                turn.repeated = 0;
                turn.idle = 0;
                turn.waits = false;
                if is_known {
                    turn.alike = 0;
                }
            }
            self.settle(task);
        }
    }
}

/// The two kinds of turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Yielding,
    Spinning,
}

fn bit(operation: &Operation) -> u64 {
    operation.object.map_or(u64::MAX, bit_of)
}

fn bit_of(object: ObjectId) -> u64 {
    1 << (object.0 % 64)
}

fn name(operation: &Operation) -> u64 {
    core::ptr::from_ref(operation.location).addr() as u64
}
