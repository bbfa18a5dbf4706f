//! What the atomics hold, and what happens before what.
//!
//! Values are sequentially consistent: an atomic holds the last value written. Happens-before is not: it follows
//! only the release and acquire edges that the code wrote down, by vector clocks. So two accesses to a cell that
//! are ordered in every sequentially consistent execution merely by luck are still reported as a data race.
//!
//! The rules are those of C++20: a store that releases starts a release sequence, any other store ends it, a
//! read-modify-write continues it; fences release and acquire on behalf of the relaxed accesses next to them.
//! Locks, park tokens, spawns and joins synchronise as the standard library promises; notifications of a condition
//! variable do not, only the lock that goes with it does.

mod view;

use core::panic::Location;
use core::sync::atomic::Ordering;

use view::TaskView;
use view::{acquires, releases};

use super::clock::Clock;
use crate::executor::{ObjectKind, TASKS_MAX, is_by_unseen_count, use_beside_drop};
use crate::exploration::FailureKind;
use crate::operation::{Action, ObjectId, Operation, TaskId, once};

/// The value of a lock that a task holds alone.
const HELD: u64 = 1;
/// What each share adds to the value of a lock.
const SHARE: u64 = 2;

/// The state of all objects of one execution.
#[derive(Debug)]
pub(super) struct Memory {
    tasks: [TaskView; TASKS_MAX],
    objects: Vec<Object>,
    cells: Vec<CellHistory>,
    cells_used: usize,
    /// What was done to objects, in order: who tells of a drop beside an access wants the line.
    accesses: Vec<(ObjectId, CellAccess)>,
    /// The two locations of the first data race.
    race: Option<DataRace>,
}

/// Two accesses to a cell that nothing orders, or an operation on an object and the drop of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct DataRace {
    pub(super) first: &'static Location<'static>,
    pub(super) second: &'static Location<'static>,
    /// Whether the second is the drop.
    is_drop: bool,
}

impl DataRace {
    pub(super) fn failure(self) -> FailureKind {
        if self.is_drop {
            return FailureKind::Panic { message: use_beside_drop(self.first, self.second) };
        }
        let place = |location: &Location<'_>| Some(location.to_string());
        FailureKind::DataRace { first: place(self.first), second: place(self.second) }
    }
}

#[derive(Clone, Copy, Debug)]
struct Object {
    value: u64,
    mask: u64,
    /// What a read that acquires synchronises with: the release sequence that the value belongs to.
    released: Clock,
    /// Of a lock that can be shared: what those who share it have released. Only who takes it alone acquires that. Of a
    /// meeting: what those have released who have arrived, until the last one has.
    shared: Clock,
    cell: usize,
    /// When each task came to it last.
    accessed: Clock,
    /// Whether it is a lock that can be shared and tried for. Its value is then 1 while a task holds it alone, and
    /// twice the number of shares otherwise.
    can_be_tried: bool,
}

/// The accesses to a cell that a later one must be ordered after.
#[derive(Debug, Default)]
struct CellHistory {
    write: Option<CellAccess>,
    /// The latest read of each task since that write.
    reads: Vec<CellAccess>,
}

#[derive(Clone, Copy, Debug)]
struct CellAccess {
    task: TaskId,
    time: u16,
    location: &'static Location<'static>,
}

impl Memory {
    pub(super) fn new() -> Self {
        let mut memory = Memory {
            tasks: [TaskView::NEW; TASKS_MAX],
            objects: Vec::new(),
            cells: Vec::new(),
            cells_used: 0,
            accesses: Vec::new(),
            race: None,
        };
        memory.reset();
        memory
    }

    /// Forgets the previous execution.
    pub(super) fn reset(&mut self) {
        self.tasks = [TaskView::NEW; TASKS_MAX];
        // Times begin at 1, so that a clock of zero has seen nothing of any task.
        self.tasks[0].seen.tick(TaskId(0));
        self.objects.clear();
        self.cells_used = 0;
        self.accesses.clear();
        self.race = None;
    }

    pub(super) fn race(&self) -> Option<DataRace> {
        self.race
    }

    /// What an atomic holds now.
    pub(super) fn value(&self, object: ObjectId) -> u64 {
        self.objects[usize::from(object.0)].value
    }

    /// Whether it is a lock that can be shared and tried for.
    pub(super) fn can_be_tried(&self, object: ObjectId) -> bool {
        self.objects[usize::from(object.0)].can_be_tried
    }

    /// Whether such a lock, or a share of it, can be taken now.
    pub(super) fn can_be_taken(&self, lock: ObjectId, shared: bool) -> bool {
        let value = self.value(lock);
        if shared { value & HELD == 0 } else { value == 0 }
    }

    pub(super) fn created(&mut self, kind: ObjectKind) {
        let (value, mask) = match kind {
            ObjectKind::Atomic { initial, bits } => (initial, u64::MAX >> (64 - bits)),
            ObjectKind::Arc => (1, u64::MAX),
            _ => (0, u64::MAX),
        };
        let cell = self.cells_used;
        if kind == ObjectKind::Cell {
            self.cells_used += 1;
            match self.cells.get_mut(cell) {
                Some(reused) => {
                    reused.write = None;
                    reused.reads.clear();
                }
                None => self.cells.push(CellHistory::default()),
            }
        }
        self.objects.push(Object {
            value,
            mask,
            released: Clock::ZERO,
            shared: Clock::ZERO,
            cell,
            accessed: Clock::ZERO,
            can_be_tried: kind == ObjectKind::RwLock,
        });
    }

    /// A task did something that is no scheduling point.
    pub(super) fn observe(&mut self, task: TaskId, operation: &Operation) {
        match (operation.action, operation.object) {
            (Action::Spawn { child }, _) => {
                let parent = &mut self.tasks[usize::from(task.0)].seen;
                let mut seen = *parent;
                parent.tick(task);
                seen.tick(child);
                self.tasks[usize::from(child.0)].seen = seen;
            }
            (Action::Join { child }, _) => {
                let ended = self.tasks[usize::from(child.0)].seen;
                self.tasks[usize::from(task.0)].seen.join(&ended);
            }
            (Action::CellRead, Some(cell)) => self.access_cell(task, cell, operation.location, false),
            (Action::CellWrite, Some(cell)) => self.access_cell(task, cell, operation.location, true),
            (Action::End, Some(object)) => self.end(task, object, operation.location),
            _ => {}
        }
    }

    /// A task accesses an object.
    #[inline]
    fn access(&mut self, task: TaskId, object: ObjectId, location: &'static Location<'static>) {
        let time = self.tasks[usize::from(task.0)].seen.get(task);
        self.objects[usize::from(object.0)].accessed.set(task, time);
        self.accesses.push((object, CellAccess { task, time, location }));
    }

    /// A task drops an object: whatever others did to it has to happen before.
    fn end(&mut self, task: TaskId, object: ObjectId, location: &'static Location<'static>) {
        let seen = &self.tasks[usize::from(task.0)].seen;
        let unseen = |(of, access): &&(ObjectId, CellAccess)| {
            *of == object && access.task != task && access.time > seen.get(access.task)
        };
        let accessed = &self.objects[usize::from(object.0)].accessed;
        if self.race.is_some() || accessed.is_within_but_for(seen, task) {
            return;
        }
        if let Some((_, access)) = self.accesses.iter().find(unseen)
            && !is_by_unseen_count()
        {
            self.race = Some(DataRace { first: access.location, second: location, is_drop: true });
        }
    }

    fn access_cell(
        &mut self,
        task: TaskId,
        cell: ObjectId,
        location: &'static Location<'static>,
        write: bool,
    ) {
        self.access(task, cell, location);
        let seen = &self.tasks[usize::from(task.0)].seen;
        let history = &mut self.cells[self.objects[usize::from(cell.0)].cell];
        let unseen = |access: &&CellAccess| access.time > seen.get(access.task);
        let mut conflict = history.write.as_ref().filter(unseen);
        if write && conflict.is_none() {
            conflict = history.reads.iter().find(unseen);
        }
        if let Some(conflict) = conflict
            && self.race.is_none()
        {
            self.race = Some(DataRace { first: conflict.location, second: location, is_drop: false });
        }
        let access = CellAccess { task, time: seen.get(task), location };
        if write {
            history.write = Some(access);
            history.reads.clear();
        } else {
            history.reads.retain(|read| read.task != task);
            history.reads.push(access);
        }
    }

    /// Performs an operation as decided, which must be possible, and returns what it gives to the program.
    pub(super) fn perform(&mut self, decision: TaskId, operation: &Operation) -> Result<u64, u64> {
        let task = decision.plain();
        if let Some(object) = operation.object {
            self.access(task, object, operation.location);
        }
        if decision.is_spurious() {
            return Err(self.perform_spuriously(task, operation));
        }
        let Some(object) = operation.object else {
            self.perform_without_object(task, operation.action);
            return Ok(0);
        };
        let view = &mut self.tasks[usize::from(task.0)];
        let state = &mut self.objects[usize::from(object.0)];
        let old = state.value;
        match operation.action {
            Action::Load { ordering } => view.read_from(state, ordering),
            Action::Store { value, ordering } => {
                state.value = value & state.mask;
                state.released = view.release(task, ordering);
            }
            Action::Update { update, operand, ordering } => {
                state.value = update.apply(old, operand) & state.mask;
                view.read_and_write(task, state, ordering);
            }
            Action::CompareExchange { expected, failure, .. } if expected != old => {
                view.read_from(state, failure);
                return Err(old);
            }
            Action::CompareExchange { new, success, .. } => {
                state.value = new & state.mask;
                view.read_and_write(task, state, success);
            }
            Action::ReferenceTake => state.value = old.wrapping_add(1),
            Action::ReferenceDrop => {
                state.value = old.wrapping_sub(1);
                view.read_and_write(task, state, Ordering::AcqRel);
            }
            Action::Lock => view.take(state),
            Action::TryLock if old == 0 => view.take(state),
            Action::TryLock => return Err(old),
            Action::Unlock => {
                state.released = view.release(task, Ordering::Release);
                state.value = 0;
            }
            Action::TryLockShared if old & HELD != 0 => return Err(old),
            Action::LockShared | Action::TryLockShared => {
                view.seen.join(&state.released);
                state.value += SHARE;
            }
            Action::UnlockShared => {
                let released = view.release(task, Ordering::Release);
                state.shared.join(&released);
                state.value -= SHARE;
            }
            Action::OnceBegin { forced } => {
                view.seen.join(&state.released);
                if !once::begins(old, forced) {
                    return Err(old);
                }
                state.value = once::RUNNING;
            }
            Action::OnceEnd { poisons } => {
                state.released = view.release(task, Ordering::Release);
                state.value = once::ended(poisons);
            }
            Action::OnceLook | Action::GatePass => view.seen.join(&state.released),
            Action::Arrive { group } => {
                state.value = old.wrapping_add(1);
                view.arrive(task, state, completes(old, group));
            }
            Action::GateOpen => state.released = view.release(task, Ordering::Release),
            Action::WaitEndTimed { notified: false } => return Err(0),
            Action::WaitBegin { lock } => {
                let lock = &mut self.objects[usize::from(lock.0)];
                lock.released = view.release(task, Ordering::Release);
                lock.value = 0;
            }
            _ => {}
        }
        Ok(old)
    }

    /// A wait or a park that ends without a cause has seen nothing, and a compare-exchange what it has read.
    fn perform_spuriously(&mut self, task: TaskId, operation: &Operation) -> u64 {
        let (Action::CompareExchange { failure, .. }, Some(object)) = (operation.action, operation.object)
        else {
            return 0;
        };
        let state = &self.objects[usize::from(object.0)];
        self.tasks[usize::from(task.0)].read_from(state, failure);
        state.value
    }

    fn perform_without_object(&mut self, task: TaskId, action: Action) {
        let view = &mut self.tasks[usize::from(task.0)];
        match action {
            Action::Fence { ordering } => {
                if acquires(ordering) {
                    view.seen.join(&view.read.clone());
                }
                if releases(ordering) {
                    view.fenced = view.seen;
                    view.seen.tick(task);
                }
            }
            Action::Park | Action::ParkTimed => {
                let token = core::mem::replace(&mut view.token, Clock::ZERO);
                view.seen.join(&token);
            }
            Action::Unpark { target } => {
                let released = view.release(task, Ordering::Release);
                self.tasks[usize::from(target.0)].token.join(&released);
            }
            _ => {}
        }
    }
}

/// Whether a task that arrives after `arrived` others is the last of its group.
pub(super) fn completes(arrived: u64, group: u32) -> bool {
    (arrived + 1).is_multiple_of(u64::from(group))
}
