//! How an execution that was given up comes to its end: its tasks go on by turns, by real operations on a
//! sequentially consistent memory that continues from what its objects hold.
//!
//! Whatever the memory model of the controller is, each operation here takes effect after everything that came
//! before: a read reads the newest value, a write becomes the newest. Every model that the engines know allows that.

use super::controller::{Choice, Controller, Ending, ObjectKind, TaskSet, View};
use super::session::Session;
use super::synchronisation::Synchronisation;
use crate::operation::{Action, ObjectId, Operation, TaskId, once};

/// The operations after which tasks are taken to run for ever, and are abandoned.
const STEPS_MAX: u32 = 4_000;

/// What the objects of an execution hold, for a controller to fill in: see [`Controller::present`].
#[derive(Debug)]
pub struct Present<'a> {
    kinds: &'a [ObjectKind],
    memory: &'a mut Memory,
    synchronisation: &'a mut Synchronisation,
}

impl Present<'_> {
    /// The number of objects that there are. Each has the value that it was created with until another is set.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.memory.cells.len()
    }

    /// What an object is.
    ///
    /// # Panics
    ///
    /// Panics if there is no such object.
    #[must_use]
    pub fn kind(&self, object: ObjectId) -> ObjectKind {
        self.kinds[usize::from(object.0)]
    }

    /// An atomic holds `value`, or there are so many references.
    pub fn set_value(&mut self, object: ObjectId, value: u64) {
        if let Some(cell) = self.memory.cells.get_mut(usize::from(object.0)) {
            cell.value = value & cell.mask;
        }
    }

    /// All objects hold what they hold in `memory`.
    pub(super) fn set_memory(&mut self, memory: &Memory) {
        self.memory.cells.clone_from(&memory.cells);
    }

    /// Whether a lock is held. Only for a controller that [owns
    /// synchronisation](Controller::OWNS_SYNCHRONISATION), as what follows.
    pub fn set_held(&mut self, lock: ObjectId, is_held: bool) {
        self.synchronisation.set_held(lock, is_held);
    }

    /// How many shares of a lock are out.
    pub fn set_shares(&mut self, lock: ObjectId, shares: u16) {
        self.synchronisation.set_shares(lock, shares);
    }

    /// What something that is done once holds, of [`once`].
    pub fn set_once(&mut self, object: ObjectId, value: u64) {
        self.set_value(object, value);
        self.synchronisation.set_once(Some(object), value);
    }

    /// Whether a gate is open.
    pub fn set_open(&mut self, gate: ObjectId, is_open: bool) {
        self.synchronisation.set_open(Some(gate), is_open);
    }

    /// The tasks that wait at a condition variable, and those among the others that were notified and have not gone
    /// on.
    pub fn set_waiters(&mut self, condvar: ObjectId, waiting: TaskSet, notified: TaskSet) {
        self.synchronisation.set_waiters(condvar, waiting, notified);
    }

    /// The tasks whose park token is available.
    pub fn set_tokens(&mut self, tokens: TaskSet) {
        self.synchronisation.set_tokens(tokens);
    }
}

/// The value of a lock that can be shared while a task holds it alone; otherwise it is twice the number of shares.
const HELD: u64 = 1;
const SHARE: u64 = 2;

#[derive(Clone, Copy, Debug)]
struct Cell {
    value: u64,
    mask: u64,
}

impl Cell {
    fn new(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Atomic { initial, bits } => {
                Cell { value: initial, mask: u64::MAX >> (64 - u32::from(bits)) }
            }
            ObjectKind::Arc => Cell { value: 1, mask: u64::MAX },
            _ => Cell { value: 0, mask: u64::MAX },
        }
    }
}

/// A sequentially consistent memory: what each object holds, by its number.
#[derive(Debug, Default)]
pub(super) struct Memory {
    cells: Vec<Cell>,
}

impl Memory {
    pub(super) fn created(&mut self, kind: ObjectKind) {
        self.cells.push(Cell::new(kind));
    }

    /// Performs an operation, and returns what it gives to the program.
    pub(super) fn perform(&mut self, operation: &Operation) -> Result<u64, u64> {
        let Some(object) = operation.object else { return Ok(0) };
        if let Action::WaitBegin { lock } = operation.action {
            self.cells[usize::from(lock.0)].value = 0;
        }
        let Cell { value, mask } = &mut self.cells[usize::from(object.0)];
        let old = *value;
        match operation.action {
            Action::Store { value: new, .. } => *value = new & *mask,
            Action::Update { update, operand, .. } => *value = update.apply(old, operand) & *mask,
            Action::CompareExchange { expected, .. } if expected & *mask != old => return Err(old),
            Action::CompareExchange { new, .. } => *value = new & *mask,
            Action::Lock | Action::TryLock if old == 0 => *value = HELD,
            Action::Unlock => *value = 0,
            Action::LockShared | Action::TryLockShared if old & HELD == 0 => *value = old + SHARE,
            Action::UnlockShared => *value = old.wrapping_sub(SHARE),
            Action::TryLock | Action::TryLockShared => return Err(old),
            Action::WaitEndTimed { notified: false } => return Err(0),
            Action::ReferenceTake => *value = old.wrapping_add(1),
            Action::ReferenceDrop => *value = old.wrapping_sub(1),
            Action::OnceBegin { forced } if once::begins(old, forced) => *value = once::RUNNING,
            Action::OnceBegin { .. } => return Err(old),
            Action::OnceEnd { poisons } => *value = once::ended(poisons),
            Action::Arrive { .. } => *value = old.wrapping_add(1),
            _ => {}
        }
        Ok(old)
    }
}

/// The controller of what is left of an execution.
pub(super) struct Rest {
    memory: Memory,
    steps: u32,
    /// Whose turn it was.
    last: TaskId,
}

impl Rest {
    /// What is left of the execution that `controller` gave up, if it says what the objects hold.
    pub(super) fn of<C: Controller>(controller: &C, session: &mut Session) -> Option<Self> {
        let mut memory = Memory { cells: session.kinds.iter().copied().map(Cell::new).collect() };
        let mut present = Present {
            kinds: &session.kinds,
            memory: &mut memory,
            synchronisation: &mut session.synchronisation,
        };
        controller.present(&mut present).then_some(Rest { memory, steps: 0, last: TaskId(0) })
    }
}

impl Controller for Rest {
    fn begin(&mut self) -> bool {
        false
    }

    fn created(&mut self, _: TaskId, _: ObjectId, kind: ObjectKind) {
        self.memory.created(kind);
    }

    fn observe(&mut self, _: TaskId, _: &Operation) {}

    fn ended(&mut self, _: TaskId) {}

    fn choose(&mut self, view: &View<'_>) -> Choice {
        self.steps += 1;
        let next = || view.enabled().iter().find(|task| *task > self.last).or(view.enabled().first());
        match next() {
            Some(task) if self.steps <= STEPS_MAX => {
                self.last = task;
                Choice::Perform(task)
            }
            _ => Choice::Abandon,
        }
    }

    fn perform(&mut self, _: TaskId, operation: &Operation) -> Result<u64, u64> {
        self.memory.perform(operation)
    }

    fn end(&mut self, _: Ending<'_>) {}
}
