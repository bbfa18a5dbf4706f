//! What the tasks and the executor share: one session for each operating-system thread.
//!
//! A task suspends itself at each operation; the executor, on the same operating-system thread, resumes it with
//! the reply. All borrows of the session are short: none is held while a task runs or is suspended.

mod clock;
mod handle;
mod lifetime;
mod locals;
mod suspending;

use core::cell::{Cell, RefCell};
use core::panic::Location;
use core::ptr;

use corosensei::Yielder;

use super::controller::{ObjectKind, TASKS_MAX, TaskSet};
use super::standing;
use super::synchronisation::Synchronisation;
use crate::arena;
use crate::exploration::Bound;
use crate::operation::{Action, ObjectId, Operation, TaskId};

use clock::Clocks;
use lifetime::Lives;
use locals::Kept;
use suspending::exceed;

pub(super) use clock::{now, passes, stand_still, stands_still};
pub(super) use handle::{Execution, Handle, check, create, execution, find};
pub(crate) use lifetime::is_by_unseen_count;
pub(super) use lifetime::{counted, ended, ended_unused, keep, refuse_ended, refuse_uncounted, unused_end};
pub(super) use locals::{Local, drop_locals, local, set_local};
pub(super) use suspending::{observe, perform, refuse_freed, stop, suspend};

/// What a task is resumed with: the reply to the operation that it was suspended at.
pub(super) type Reply = Result<u64, u64>;

/// Why a task suspends itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// It has come to an operation, which is pending.
    Operation,
    /// The controller is to hear of an access to a cell before the access is made.
    Told,
}

/// Something that a task did and that is no scheduling point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Created(ObjectId, ObjectKind),
    /// As `Created`, of an object that was there before the execution, or was made by a constant constructor.
    Found(ObjectId, ObjectKind),
    Observed(Operation),
}

/// The body of a spawned task, on its way to the executor.
pub(super) type Body = Box<dyn FnOnce()>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No execution is under way on this thread.
    Outside,
    /// Tasks perform operations.
    Running,
}

pub(super) struct Session {
    pub(super) phase: Phase,
    pub(super) current: TaskId,
    /// The pending operation of each task, by task number.
    pub(super) pending: Vec<Operation>,
    /// What the current task did since it was resumed.
    pub(super) events: Vec<Event>,
    /// The bodies of the tasks spawned since then, in order.
    pub(super) spawned: Vec<Body>,
    pub(super) finished: TaskSet,
    pub(super) synchronisation: Synchronisation,
    /// What each object is, by its number.
    pub(super) kinds: Vec<ObjectKind>,
    /// The limit that the current task has come to: it goes on no more.
    pub(super) exceeded: Option<Bound>,
    /// What tasks keep for themselves.
    locals: Vec<Kept>,
    clocks: Clocks,
    lives: Lives,
    /// Tasks that are suspended while a panic unwinds them: an operation in a destructor.
    panicking: TaskSet,
    yielders: [*const Yielder<Reply, Pause>; TASKS_MAX],
    execution: Execution,
}

thread_local! {
    static SESSION: RefCell<Session> = const { RefCell::new(Session::new()) };
    /// How many events the tasks of the present execution have left.
    static TOLD: Cell<usize> = const { Cell::new(0) };
    /// How often tasks of this thread were suspended.
    static SUSPENSIONS: Cell<u64> = const { Cell::new(0) };
}

/// How many events the tasks of the present execution have left so far.
pub(super) fn told() -> usize {
    TOLD.get()
}

/// A number that changes whenever a task of this thread is suspended.
#[inline]
pub(super) fn suspensions() -> u64 {
    SUSPENSIONS.get()
}

/// Gives access to this thread's session, for a moment.
#[inline]
pub(super) fn with<O>(access: impl FnOnce(&mut Session) -> O) -> O {
    let _paused = arena::pause();
    SESSION.with_borrow_mut(access)
}

impl Session {
    const fn new() -> Self {
        Session {
            phase: Phase::Outside,
            current: TaskId(0),
            pending: Vec::new(),
            events: Vec::new(),
            spawned: Vec::new(),
            finished: TaskSet::EMPTY,
            synchronisation: Synchronisation::new(),
            kinds: Vec::new(),
            locals: Vec::new(),
            clocks: Clocks::new(),
            lives: Lives::new(),
            panicking: TaskSet::EMPTY,
            yielders: [ptr::null(); TASKS_MAX],
            exceeded: None,
            execution: Execution::NONE,
        }
    }

    /// Makes the session ready for the next execution, and gives its main task a place.
    ///
    /// # Panics
    ///
    /// Panics if an execution is under way: an engine was started by modelled code.
    pub(super) fn start(&mut self) -> TaskId {
        assert!(self.phase == Phase::Outside, "an engine was started inside an execution of another");
        self.phase = Phase::Running;
        self.pending.clear();
        self.events.clear();
        TOLD.set(0);
        self.spawned.clear();
        self.finished = TaskSet::EMPTY;
        self.synchronisation.reset();
        self.execution = Execution::next();
        self.exceeded = None;
        standing::reset();
        self.kinds.clear();
        self.clocks = Clocks::new();
        self.lives.reset();
        // What abandoned tasks have left may refer to their stacks, and its destructor may operate: it is lost with them.
        core::mem::forget(core::mem::take(&mut self.locals));
        self.panicking = TaskSet::EMPTY;
        self.add_task(Location::caller())
    }

    /// The number of the next task, which from now on has a place in the tables.
    fn add_task(&mut self, location: &'static Location<'static>) -> TaskId {
        let number = self.pending.len();
        debug_assert!(number < TASKS_MAX, "whoever starts a task has looked whether there can be another");
        // Replaced before anybody looks: a task runs up to its first operation before the next choice.
        self.pending.push(Operation { action: Action::Yield, object: None, location });
        let task = TaskId(number as u8);
        self.lives.comes_by(task, location);
        task
    }

    fn push(&mut self, event: Event) {
        TOLD.set(TOLD.get() + 1);
        self.events.push(event);
    }

    pub(super) fn set_yielder(&mut self, task: TaskId, yielder: &Yielder<Reply, Pause>) {
        self.yielders[usize::from(task.0)] = ptr::from_ref(yielder);
        // The yielder lies at the root of the task's stack, above everything that the body has.
        standing::enter(task, ptr::from_ref(yielder).addr());
    }

    pub(super) fn unfinished(&self) -> TaskSet {
        TaskSet::first_tasks(self.pending.len()).difference(self.finished)
    }

    /// The tasks among `unfinished` that could perform their pending operation now, and those whose wait or park
    /// could end spuriously.
    pub(super) fn enabled(&self, unfinished: TaskSet, all: bool) -> (TaskSet, TaskSet) {
        let (mut enabled, mut spurious) = (unfinished, TaskSet::EMPTY);
        for task in unfinished.iter() {
            let operation = &self.pending[usize::from(task.0)];
            let now = if all {
                !matches!(operation.action, Action::Join { .. })
            } else {
                self.synchronisation.enables(task, operation)
            };
            if !now {
                enabled.remove(task);
            }
            if !all && self.synchronisation.may_end_spuriously(task, operation) {
                spurious.insert(task);
            }
        }
        (enabled, spurious)
    }

    /// The tasks that wait for `child` to end.
    pub(super) fn joiners(&self, child: TaskId) -> impl Iterator<Item = TaskId> {
        self.unfinished().iter().filter(move |task| {
            matches!(self.pending[usize::from(task.0)].action, Action::Join { child: awaited } if awaited == child)
        })
    }

    /// The present task is about to be suspended. While another one is suspended in the middle of a panic, the thread
    /// counts as panicking whatever this one does, so then it is not believed.
    fn note_panicking(&mut self, panicking: bool) {
        let mut others = self.panicking;
        others.remove(self.current);
        if !panicking {
            self.panicking = TaskSet::EMPTY;
        } else if others.is_empty() {
            self.panicking.insert(self.current);
        }
    }

    /// Whether it is the present task that panics, if the thread does.
    pub(super) fn may_be_panicking(&self) -> bool {
        let mut others = self.panicking;
        others.remove(self.current);
        others.is_empty() || self.panicking.contains(self.current)
    }

    /// Where the object of an operation was dropped, if it was: a task may have been about to perform it by then.
    #[inline]
    pub(super) fn end_of(&self, operation: &Operation) -> Option<&'static Location<'static>> {
        self.lives.end_of(operation.object?)
    }

    fn object(&self, handle: Handle) -> ObjectId {
        self.check(handle.execution);
        handle.object
    }

    fn check(&self, execution: Execution) {
        assert!(
            execution == self.execution,
            "an object of one execution was used in another: create every object inside the body"
        );
    }
}

/// Whether tasks perform operations now.
#[inline]
pub(super) fn is_running() -> bool {
    with(|session| session.phase == Phase::Running)
}

/// Makes the current task the parent of a new one.
pub(super) fn spawn(body: Body, location: &'static Location<'static>) -> TaskId {
    if with(|session| session.phase == Phase::Running && session.pending.len() == TASKS_MAX) {
        exceed(Bound::Threads(TASKS_MAX as u32));
    }
    with(|session| match session.phase {
        Phase::Running => {
            let child = session.add_task(location);
            session.clocks.starts(session.current, child);
            session.lives.starts(session.current, child);
            session.spawned.push(body);
            let operation = Operation { action: Action::Spawn { child }, object: None, location };
            session.push(Event::Observed(operation));
            child
        }
        Phase::Outside => outside(),
    })
}

/// Waits until `child` has ended.
pub(super) fn join(child: TaskId, location: &'static Location<'static>) {
    let action = Action::Join { child };
    let ended = with(|session| {
        let ended = session.finished.contains(child);
        if ended {
            session.push(Event::Observed(Operation { action, object: None, location }));
        }
        ended
    });
    if !ended {
        let _ = perform(action, None, location);
    }
    with(|session| {
        session.clocks.joins(session.current, child);
        session.lives.joins(session.current, child);
    });
}

/// The calling task.
pub(super) fn current() -> TaskId {
    with(|session| {
        if session.phase == Phase::Outside {
            outside();
        }
        session.current
    })
}

#[cold]
fn outside() -> ! {
    panic!("an operation of the controlled runtime outside an execution: run the body under an engine")
}
