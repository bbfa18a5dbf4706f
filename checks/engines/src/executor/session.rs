//! What the tasks and the executor share: one session for each operating-system thread.
//!
//! A task suspends itself at each operation; the executor, on the same operating-system thread, resumes it with
//! the reply. All borrows of the session are short: none is held while a task runs or is suspended.

mod unwinding;

use core::cell::{Cell, RefCell};
use core::panic::Location;
use core::ptr;
use std::thread::panicking;

use corosensei::Yielder;

use unwinding::perform_outside;

use super::controller::{ObjectKind, TASKS_MAX, TaskSet};
use super::interceptor;
use super::synchronisation::Synchronisation;
use crate::heartbeat;
use crate::operation::{Action, ObjectId, Operation, TaskId};

pub(super) use unwinding::Unwound;

/// What a task is resumed with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Signal {
    /// The reply to the operation that the task was suspended at.
    Reply(Result<u64, u64>),
    /// The execution is over: unwind.
    Unwind,
}

/// Something that a task did and that is no scheduling point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Created(ObjectId, ObjectKind),
    Observed(Operation),
}

/// A modelled object as the code under test holds it: its number, and the execution that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle {
    object: ObjectId,
    execution: u32,
}

/// The body of a spawned task, on its way to the executor.
pub(super) type Body = Box<dyn FnOnce()>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No execution is under way on this thread.
    Outside,
    /// Tasks perform operations.
    Running,
    /// The execution is over, and its unfinished tasks are being unwound.
    Unwinding,
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
    /// Tasks that are suspended while a panic unwinds them: an operation in a destructor.
    pub(super) panicking: TaskSet,
    pub(super) synchronisation: Synchronisation,
    yielders: [*const Yielder<Signal, ()>; TASKS_MAX],
    execution: u32,
    objects: u16,
    /// Operations that destructors asked for while being unwound.
    ignored: u32,
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
    SESSION.with_borrow_mut(access)
}

impl Handle {
    pub(super) fn object(self) -> ObjectId {
        self.object
    }
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
            panicking: TaskSet::EMPTY,
            synchronisation: Synchronisation::new(),
            yielders: [ptr::null(); TASKS_MAX],
            execution: 0,
            objects: 0,
            ignored: 0,
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
        self.panicking = TaskSet::EMPTY;
        self.synchronisation.reset();
        self.execution = self.execution.wrapping_add(1);
        self.objects = 0;
        self.ignored = 0;
        self.add_task(Location::caller())
    }

    /// The number of the next task, which from now on has a place in the tables.
    fn add_task(&mut self, location: &'static Location<'static>) -> TaskId {
        let number = self.pending.len();
        assert!(number < TASKS_MAX, "an execution has at most {TASKS_MAX} tasks");
        // Replaced before anybody looks: a task runs up to its first operation before the next choice.
        self.pending.push(Operation { action: Action::Yield, object: None, location });
        TaskId(number as u8)
    }

    fn push(&mut self, event: Event) {
        TOLD.set(TOLD.get() + 1);
        self.events.push(event);
    }

    pub(super) fn set_yielder(&mut self, task: TaskId, yielder: &Yielder<Signal, ()>) {
        self.yielders[usize::from(task.0)] = ptr::from_ref(yielder);
    }

    pub(super) fn unfinished(&self) -> TaskSet {
        TaskSet::first_tasks(self.pending.len()).difference(self.finished)
    }

    /// The tasks among `unfinished` that could perform their pending operation now.
    pub(super) fn enabled(&self, unfinished: TaskSet, all: bool) -> TaskSet {
        let mut enabled = unfinished;
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
        }
        enabled
    }

    /// The tasks that wait for `child` to end.
    pub(super) fn joiners(&self, child: TaskId) -> impl Iterator<Item = TaskId> {
        self.unfinished().iter().filter(move |task| {
            matches!(self.pending[usize::from(task.0)].action, Action::Join { child: awaited } if awaited == child)
        })
    }

    fn object(&self, handle: Handle) -> ObjectId {
        assert!(
            handle.execution == self.execution,
            "an object of one execution was used in another: create every object inside the body"
        );
        handle.object
    }
}

/// Performs `action` for the calling task, unless an interceptor has something else performed; returns the reply.
#[inline]
pub(super) fn perform(
    action: Action,
    handle: Option<Handle>,
    location: &'static Location<'static>,
) -> Result<u64, u64> {
    match interceptor::perform(action, handle, location) {
        Some(reply) => reply,
        None => suspend(action, handle, location),
    }
}

/// Suspends the calling task until the executor has performed `action` for it; returns the reply.
#[inline]
pub(super) fn suspend(
    action: Action,
    handle: Option<Handle>,
    location: &'static Location<'static>,
) -> Result<u64, u64> {
    let yielder = with(|session| {
        if session.phase != Phase::Running {
            return None;
        }
        let object = handle.map(|handle| session.object(handle));
        let task = session.current;
        session.pending[usize::from(task.0)] = Operation { action, object, location };
        if panicking() {
            session.note_panicking(task);
        }
        Some(session.yielders[usize::from(task.0)])
    });
    let Some(yielder) = yielder else { return Ok(perform_outside(action, handle)) };
    heartbeat::operation(location);
    SUSPENSIONS.set(SUSPENSIONS.get().wrapping_add(1));
    // SAFETY: the yielder lives at the root of the coroutine that is running this very call, and the session
    // names the coroutine that is running.
    match unsafe { (*yielder).suspend(()) } {
        Signal::Reply(reply) => reply,
        Signal::Unwind => Ok(perform_outside(action, handle)),
    }
}

/// Tells the executor of something that is no scheduling point.
#[inline]
pub(super) fn observe(action: Action, handle: Handle, location: &'static Location<'static>) {
    if interceptor::hides(action, Some(handle), location) {
        return;
    }
    with(|session| match session.phase {
        Phase::Running => {
            let object = Some(session.object(handle));
            session.push(Event::Observed(Operation { action, object, location }));
        }
        Phase::Unwinding => {}
        Phase::Outside => outside(),
    });
}

/// Numbers a new object.
pub(super) fn create(kind: ObjectKind) -> Handle {
    let handle = with(|session| {
        match session.phase {
            Phase::Running => {}
            Phase::Unwinding => {
                return Handle { object: ObjectId(u16::MAX), execution: session.execution };
            }
            Phase::Outside => outside(),
        }
        let object = ObjectId(session.objects);
        session.objects = session.objects.checked_add(1).expect("an execution has at most 65,535 objects");
        session.push(Event::Created(object, kind));
        session.synchronisation.created(kind);
        Handle { object, execution: session.execution }
    });
    interceptor::created(handle.object, kind);
    handle
}

/// Whether tasks perform operations now.
#[inline]
pub(super) fn is_running() -> bool {
    with(|session| session.phase == Phase::Running)
}

/// Makes the current task the parent of a new one.
pub(super) fn spawn(body: Body, location: &'static Location<'static>) -> TaskId {
    with(|session| match session.phase {
        Phase::Running => {
            let child = session.add_task(location);
            session.spawned.push(body);
            let operation = Operation { action: Action::Spawn { child }, object: None, location };
            session.push(Event::Observed(operation));
            child
        }
        Phase::Unwinding => TaskId(0),
        Phase::Outside => outside(),
    })
}

/// Waits until `child` has ended.
pub(super) fn join(child: TaskId, location: &'static Location<'static>) {
    let action = Action::Join { child };
    let ended = with(|session| {
        let ended = session.phase == Phase::Running && session.finished.contains(child);
        if ended {
            session.push(Event::Observed(Operation { action, object: None, location }));
        }
        ended
    });
    if !ended {
        let _ = perform(action, None, location);
    }
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
