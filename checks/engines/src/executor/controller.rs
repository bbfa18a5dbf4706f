//! The seam between the executor and whoever decides what happens: the [`Controller`].

use serde::{Deserialize, Serialize};

use super::rest::Present;
use super::waits::waits;
use crate::exploration::{Bound, FailureKind};
use crate::operation::{ObjectId, Operation, TaskId};

/// The largest number of tasks in one execution, the main one included.
pub const TASKS_MAX: usize = 16;

/// The largest number of objects of the runtime in one execution.
pub const OBJECTS_MAX: u16 = u16::MAX;

/// Decides in what order the tasks of an execution perform their operations, and what the atomics hold.
///
/// The executor calls the methods in this order, for each execution:
///
/// 1. [`begin`](Controller::begin); if it returns false, the exploration is over.
/// 2. The main task, number 0, runs up to its first operation. Whatever a task does *between* operations is told
///    at once through [`created`](Controller::created), [`observe`](Controller::observe) and
///    [`ended`](Controller::ended), in the order in which the task did it. A task that was spawned meanwhile, and
///    a task whose join has become possible, then runs up to its own first operation in the same way, so that
///    every unfinished task always has a pending operation.
/// 3. [`choose`](Controller::choose), and for the task it names [`perform`](Controller::perform); that task then
///    runs up to its next operation, as in 2. This repeats until no pending operation is enabled, or the
///    controller gives the execution up.
/// 4. [`end`](Controller::end). If the controller gave the execution up and can say what its objects hold
///    ([`present`](Controller::present)), the tasks have gone on by themselves before that, and nobody was told. In
///    all other cases tasks that have not finished are abandoned: they never run again.
///
/// # What is a scheduling point
///
/// Every operation is, except these, which are observed only, at the moment they happen:
///
/// - `CellRead`, `CellWrite`: accesses to cells conflict with nothing once a race is judged by happens-before.
/// - `Spawn`: it conflicts with nothing, and what it orders is told by its place.
/// - `Join`: a task whose join is pending is blocked until the child ends and then goes on by itself; it is
///   observed right after the child's `ended`.
/// - `End`: whatever others did to the object has to happen before, in whichever order it was done. It is told only where
///   another task has come to the object that the dropping one has not joined.
pub trait Controller {
    /// Whether the controller decides itself which locks, waits and parks are enabled. The executor then offers
    /// every pending operation but `Join` as enabled, and keeps no lock holders, waiters or park tokens.
    const OWNS_SYNCHRONISATION: bool = false;

    /// Prepares for the next execution; false if there is none.
    fn begin(&mut self) -> bool;

    /// A task created an object of the runtime.
    fn created(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind);

    /// A task came to an object that no task of this execution had come to before, and that was not created in it: one
    /// with a constant constructor, which is numbered where it is first used. As [`created`](Controller::created), but
    /// which task it is may differ between executions that are otherwise the same.
    fn found(&mut self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        self.created(task, object, kind);
    }

    /// A task did something that is no scheduling point: see the trait's page.
    fn observe(&mut self, task: TaskId, operation: &Operation);

    /// A task has returned from its body, or has been ended by a panic.
    fn ended(&mut self, task: TaskId);

    /// Picks the task that performs its pending operation next. Not called when nothing is enabled.
    fn choose(&mut self, view: &View<'_>) -> Choice;

    /// The chosen task performs its operation, which the executor has already applied to locks, waits and park
    /// tokens.
    ///
    /// Returns what the operation gives to the program: for a load or an update the value read, in `Ok`; for a
    /// compare-exchange the value read, in `Ok` if it succeeded and in `Err` if it failed. Everything else
    /// returns `Ok(0)`.
    ///
    /// # Errors
    ///
    /// For a compare-exchange that fails, for a wait or a park that ends spuriously, and for a lock that was tried for in vain.
    fn perform(&mut self, task: TaskId, operation: &Operation) -> Result<u64, u64>;

    /// Whether no task may do anything more in this execution, asked after each access to a cell was told and before
    /// it is made: a controller that sees a data race says so here. The execution then ends as abandoned.
    fn refuses(&self) -> bool {
        false
    }

    /// An execution was given up. Fills in what its objects hold now, so that its tasks can go on and come to their
    /// end by real operations. False, the default, if that cannot be said, or if nothing may run any more; the
    /// tasks are then abandoned.
    ///
    /// What is filled in must be a state in which the program can be: everything that tasks were told follows from
    /// it.
    fn present(&self, present: &mut Present<'_>) -> bool {
        let _ = present;
        false
    }

    /// The execution is over.
    fn end(&mut self, ending: Ending<'_>);
}

/// What a [`Controller`] may want to know before it chooses.
#[derive(Debug)]
pub struct View<'a> {
    pub(super) enabled: TaskSet,
    pub(super) unfinished: TaskSet,
    pub(super) spurious: TaskSet,
    pub(super) last: Option<TaskId>,
    pub(super) pending: &'a [Operation],
}

impl<'a> View<'a> {
    /// What a host other than our executor shows to a controller, or the executor where no task can go on. `pending` has an
    /// entry for every task.
    pub(crate) fn new(
        enabled: TaskSet,
        unfinished: TaskSet,
        last: Option<TaskId>,
        pending: &'a [Operation],
    ) -> Self {
        View { enabled, unfinished, spurious: TaskSet::EMPTY, last, pending }
    }

    /// The tasks whose pending operation can be performed now. Never empty.
    #[must_use]
    pub fn enabled(&self) -> TaskSet {
        self.enabled
    }

    /// The tasks whose pending wait or park could end spuriously now, be it enabled or not. Weak compare-exchanges
    /// are not among them: the controller keeps the values. Empty for a controller that owns the synchronisation.
    #[must_use]
    pub fn spurious(&self) -> TaskSet {
        self.spurious
    }

    /// The tasks that have not ended, blocked ones included.
    #[must_use]
    pub fn unfinished(&self) -> TaskSet {
        self.unfinished
    }

    /// The task that performed the previous operation of this execution, if there was one.
    #[must_use]
    pub fn last(&self) -> Option<TaskId> {
        self.last
    }

    /// The pending operations by task number. The entry of a task that has ended is its last operation.
    #[must_use]
    pub fn pending(&self) -> &'a [Operation] {
        self.pending
    }
}

/// A controller's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This task, which must be enabled, performs its pending operation.
    Perform(TaskId),
    /// This task performs its pending operation, which comes out spuriously: a wait or a park that is among
    /// [`View::spurious`] ends, or a weak compare-exchange fails.
    PerformSpuriously(TaskId),
    /// Nothing more of this execution is of interest.
    Abandon,
}

impl Choice {
    /// The choice that a decision names: a task, and how its operation comes out.
    pub(crate) fn of(decision: TaskId) -> Self {
        if decision.is_spurious() {
            Choice::PerformSpuriously(decision.plain())
        } else {
            Choice::Perform(decision)
        }
    }
}

/// How an execution ended.
#[derive(Debug)]
pub enum Ending<'a> {
    /// Every task ran to its end.
    Complete,
    /// The controller gave it up.
    Abandoned,
    /// A task panicked.
    Panic {
        /// Which one.
        task: TaskId,
        /// The message of the panic.
        message: &'a str,
    },
    /// A task started more tasks, or created more objects, than there can be. What the program would have done then
    /// is not known.
    Exceeded {
        /// The limit.
        bound: Bound,
    },
    /// No pending operation is enabled, but some tasks have not ended.
    Deadlock {
        /// Every task that has not ended, with the operation it is blocked at.
        view: View<'a>,
    },
}

impl Ending<'_> {
    /// The failure that this ending is, if it is one.
    #[must_use]
    pub fn failure(&self) -> Option<FailureKind> {
        match self {
            Ending::Complete | Ending::Abandoned | Ending::Exceeded { .. } => None,
            Ending::Panic { message, .. } => Some(FailureKind::Panic { message: (*message).to_owned() }),
            Ending::Deadlock { view } => Some(FailureKind::Deadlock {
                blocked: view
                    .unfinished
                    .iter()
                    .map(|task| waits(task, &view.pending[usize::from(task.0)]))
                    .collect(),
            }),
        }
    }
}

/// What kind of object a task created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// An atomic integer.
    Atomic {
        /// Its initial value.
        initial: u64,
        /// Its width in bits: 8, 32 or 64.
        bits: u8,
    },
    /// A cell.
    Cell,
    /// A lock.
    Mutex,
    /// A lock that can also be shared, and tried for.
    RwLock,
    /// A condition variable.
    Condvar,
    /// Shared ownership.
    Arc,
    /// What is done once.
    Once,
    /// How many tasks have arrived where groups of them meet.
    Meeting,
    /// What is shut until a task opens it.
    Gate,
}

/// A set of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TaskSet(u32);

impl TaskSet {
    /// The set without a member.
    pub const EMPTY: TaskSet = TaskSet(0);

    /// The set of one task.
    #[must_use]
    pub const fn of(task: TaskId) -> TaskSet {
        TaskSet(1 << task.0)
    }

    /// The set of the tasks 0 to `count - 1`.
    #[must_use]
    pub const fn first_tasks(count: usize) -> TaskSet {
        TaskSet((1 << count) - 1)
    }

    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number of members.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether `task` is a member.
    #[must_use]
    pub const fn contains(self, task: TaskId) -> bool {
        self.0 >> task.0 & 1 == 1
    }

    /// Makes `task` a member.
    pub fn insert(&mut self, task: TaskId) {
        self.0 |= 1 << task.0;
    }

    /// Makes `task` no member.
    pub fn remove(&mut self, task: TaskId) {
        self.0 &= !(1 << task.0);
    }

    /// The members of either.
    #[must_use]
    pub const fn union(self, other: TaskSet) -> TaskSet {
        TaskSet(self.0 | other.0)
    }

    /// The members of both.
    #[must_use]
    pub const fn intersection(self, other: TaskSet) -> TaskSet {
        TaskSet(self.0 & other.0)
    }

    /// The members that `other` does not have.
    #[must_use]
    pub const fn difference(self, other: TaskSet) -> TaskSet {
        TaskSet(self.0 & !other.0)
    }

    /// The decisions of the set that let an operation come out as its object demands.
    pub(crate) const fn plain(self) -> TaskSet {
        TaskSet(self.0 & 0xFFFF)
    }

    /// For each task of the set, the decision that its operation comes out spuriously.
    pub(crate) const fn spuriously(self) -> TaskSet {
        TaskSet(self.0 << 16)
    }

    /// The decisions of the set that let `task` go on.
    pub(crate) const fn ways_of(self, task: TaskId) -> TaskSet {
        TaskSet(self.0 & (0x1_0001 << task.plain().0))
    }

    /// Whether every member is one of the other set.
    pub(crate) const fn is_within(self, other: TaskSet) -> bool {
        self.0 & !other.0 == 0
    }

    /// The member with the least number.
    #[must_use]
    pub const fn first(self) -> Option<TaskId> {
        if self.0 == 0 { None } else { Some(TaskId(self.0.trailing_zeros() as u8)) }
    }

    /// The members in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = TaskId> {
        let mut rest = self;
        core::iter::from_fn(move || {
            let task = rest.first()?;
            rest.remove(task);
            Some(task)
        })
    }
}

impl FromIterator<TaskId> for TaskSet {
    fn from_iter<I: IntoIterator<Item = TaskId>>(tasks: I) -> Self {
        let mut set = TaskSet::EMPTY;
        for task in tasks {
            set.insert(task);
        }
        set
    }
}
