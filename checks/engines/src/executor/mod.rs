//! Our own executor: one coroutine for each modelled thread, all on the operating-system thread of the caller.
//!
//! Code under test runs on [`Controlled`], a [`Runtime`](cancelproof_runtime::Runtime) whose every
//! operation suspends the task with a pending [`Operation`](crate::operation::Operation). The [`Executor`] runs a body again and again under a
//! [`Controller`], which decides which task performs its operation next and what the atomics hold. The executor
//! itself keeps what can block a task (lock holders, waiters, park tokens, ended tasks), so it knows which pending
//! operations are enabled.
//!
//! | file | what it knows |
//! |---|---|
//! | `controller.rs` | the seam: who decides, what it is told, what it answers |
//! | `mod.rs` | the loop: resume a task, tell what it did, ask, perform |
//! | `interceptor.rs` | who may stand between modelled code and the executor |
//! | `session.rs` | what tasks and executor share; how a task suspends itself |
//! | `synchronisation.rs` | which operations are enabled |
//! | `controlled/` | the runtime that modelled code sees |
//! | `stack.rs` | stacks with guard pages, and what happens when a task runs into one |
//!
//! # How an execution ends early
//!
//! When a controller gives an execution up, a task panics, or nothing is enabled any more, the unfinished tasks
//! are unwound, so that destructors run and stacks return to the pool. Operations of these destructors return at
//! once with a harmless value and are told to nobody. Two exceptions keep that sound: a lock held by another
//! unfinished task makes the destructor wait until that task is unwound; and a task that was suspended in the
//! middle of a panic of its own is let run to the end of that panic instead, because a panic inside a destructor
//! would abort the process.

mod controlled;
mod controller;
mod interceptor;
pub(crate) mod quiet;
mod session;
mod stack;
pub(crate) mod synchronisation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

use self::quiet::INSIDE;
use self::session::{Body, Event, Phase, Session, Signal, Unwound};
use self::stack::StackPool;
use crate::operation::{Action, TaskId};

pub use self::controlled::{
    Controlled, ControlledArc, ControlledAtomic, ControlledCondvar, ControlledJoinHandle, ControlledMutex,
    ControlledMutexGuard, ControlledThread, ControlledUnsafeCell, Word,
};
pub use self::controller::{Choice, Controller, Ending, ObjectKind, TASKS_MAX, TaskSet, View};
pub use self::interceptor::{Ahead, Interceptor, intercept};

/// The stack of a task unless another size is asked for: 128 KiB.
pub const STACK_BYTES_DEFAULT: usize = 128 << 10;

/// Runs a body under a controller. Create one for each operating-system thread and keep it: it pools stacks.
pub struct Executor {
    tasks: Vec<Option<Task>>,
    stacks: StackPool,
    /// Tasks to resume before the next choice, each with its signal, in order.
    ready: Vec<(TaskId, Signal)>,
    events: Vec<Event>,
    spawned: Vec<Body>,
}

type Task = Coroutine<Signal, (), Option<String>, DefaultStack>;

impl Executor {
    /// An executor whose tasks have stacks of `stack_bytes` each.
    #[must_use]
    pub fn new(stack_bytes: usize) -> Self {
        quiet::install_hook();
        Executor {
            tasks: Vec::new(),
            stacks: StackPool::new(stack_bytes),
            ready: Vec::new(),
            events: Vec::new(),
            spawned: Vec::new(),
        }
    }

    /// Runs `body` as task 0 of one execution after another, until the controller begins no other.
    ///
    /// # Panics
    ///
    /// Panics if called from inside an execution, if an execution has more than [`TASKS_MAX`] tasks, if the
    /// controller chooses a task that is not enabled, or if the system has no memory for another stack.
    pub fn run<C: Controller>(&mut self, controller: &mut C, body: &Arc<dyn Fn() + Send + Sync>) {
        while controller.begin() {
            self.execute(controller, Arc::clone(body));
        }
    }

    fn execute<C: Controller>(&mut self, controller: &mut C, body: Arc<dyn Fn() + Send + Sync>) {
        let main = session::with(Session::start);
        self.start(main, Box::new(move || body()));
        let mut last = None;
        loop {
            if let Some((task, message)) = self.advance(controller) {
                self.unwind();
                return controller.end(Ending::Panic { task, message: &message });
            }
            match session::with(|session| step(session, controller, last)) {
                Step::Performed(task, reply) => {
                    last = Some(task);
                    self.ready.push((task, Signal::Reply(reply)));
                }
                Step::Abandoned => {
                    self.unwind();
                    return controller.end(Ending::Abandoned);
                }
                Step::NothingEnabled { unfinished } => return self.finish(controller, unfinished, last),
            }
        }
    }

    /// Gives a task a coroutine and makes it ready to run up to its first operation.
    fn start(&mut self, task: TaskId, body: Body) {
        let stack = self.stacks.take().expect("the system has memory for another stack");
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<Signal, ()>, signal| {
            if matches!(signal, Signal::Unwind) {
                return None;
            }
            session::with(|session| session.set_yielder(task, yielder));
            match catch_unwind(AssertUnwindSafe(body)) {
                Ok(()) => None,
                Err(payload) if payload.is::<Unwound>() => None,
                Err(payload) => Some(quiet::message(&*payload)),
            }
        });
        let place = usize::from(task.0);
        debug_assert!(place == self.tasks.len(), "tasks start in the order of their numbers");
        self.tasks.push(Some(coroutine));
        self.ready.push((task, Signal::Reply(Ok(0))));
    }

    /// Runs every ready task up to its next operation, and tells the controller what each did. Returns the task
    /// that panicked and its message, if one did.
    fn advance<C: Controller>(&mut self, controller: &mut C) -> Option<(TaskId, String)> {
        let mut next = 0;
        while let Some((task, signal)) = self.ready.get(next).copied() {
            next += 1;
            let progress = self.resume(task, signal);
            self.tell(controller, task);
            if matches!(progress, Progress::Suspended) {
                continue;
            }
            controller.ended(task);
            if let Progress::Panicked(message) = progress {
                self.ready.clear();
                return Some((task, message));
            }
            session::with(|session| {
                for joiner in session.joiners(task) {
                    controller.observe(joiner, &session.pending[usize::from(joiner.0)]);
                    self.ready.push((joiner, Signal::Reply(Ok(0))));
                }
            });
        }
        self.ready.clear();
        None
    }

    /// Runs one task until it suspends itself, or returns; then its stack goes back to the pool.
    fn resume(&mut self, task: TaskId, signal: Signal) -> Progress {
        session::with(|session| {
            session.current = task;
            if session.phase == Phase::Running {
                session.panicking.remove(task);
            }
        });
        let place = &mut self.tasks[usize::from(task.0)];
        let Some(coroutine) = place.as_mut() else { return Progress::Ended };
        let inside = INSIDE.replace(true);
        let result = coroutine.resume(signal);
        INSIDE.set(inside);
        let CoroutineResult::Return(panic) = result else { return Progress::Suspended };
        if let Some(coroutine) = place.take() {
            self.stacks.put_back(coroutine.into_stack());
        }
        session::with(|session| session.finished.insert(task));
        panic.map_or(Progress::Ended, Progress::Panicked)
    }

    /// Tells the controller what a task did since it was resumed, and starts the tasks that it spawned.
    fn tell<C: Controller>(&mut self, controller: &mut C, task: TaskId) {
        let quiet = session::with(|session| {
            if session.events.is_empty() {
                return true;
            }
            core::mem::swap(&mut session.events, &mut self.events);
            core::mem::swap(&mut session.spawned, &mut self.spawned);
            false
        });
        if quiet {
            return;
        }
        let (mut events, mut spawned) =
            (core::mem::take(&mut self.events), core::mem::take(&mut self.spawned));
        let mut bodies = spawned.drain(..);
        for event in events.drain(..) {
            match event {
                Event::Created(object, kind) => controller.created(task, object, kind),
                Event::Observed(operation) => {
                    controller.observe(task, &operation);
                    if let Action::Spawn { child } = operation.action
                        && let Some(body) = bodies.next()
                    {
                        self.start(child, body);
                    }
                }
            }
        }
        drop(bodies);
        (self.events, self.spawned) = (events, spawned);
    }

    /// Nothing is enabled: the execution is complete, or what is left of it is deadlocked.
    fn finish<C: Controller>(&mut self, controller: &mut C, unfinished: TaskSet, last: Option<TaskId>) {
        self.unwind();
        if unfinished.is_empty() {
            return controller.end(Ending::Complete);
        }
        // Whoever listens to the end of executions may drop objects of this one, so the session is not borrowed.
        let pending = session::with(|session| core::mem::take(&mut session.pending));
        controller.end(Ending::Deadlock {
            view: View { enabled: TaskSet::EMPTY, unfinished, last, pending: &pending },
        });
        session::with(|session| session.pending = pending);
    }

    /// Ends every task that has not ended by itself, and the execution.
    fn unwind(&mut self) {
        session::with(|session| session.phase = Phase::Unwinding);
        let mut progress = true;
        while progress {
            progress = false;
            for task in 0..self.tasks.len() {
                if self.tasks[task].is_some() {
                    let came_to = self.resume(TaskId(task as u8), Signal::Unwind);
                    progress |= !matches!(came_to, Progress::Suspended);
                }
            }
        }
        for task in self.tasks.drain(..).flatten() {
            // A destructor that loops, or waits for a task that waits for it. Its stack is lost, and with it
            // whatever it owned; unwinding it by force would abort the process.
            core::mem::forget(task);
        }
        session::with(|session| session.phase = Phase::Outside);
        interceptor::clear();
    }
}

/// How far a task came when it was resumed.
enum Progress {
    Suspended,
    Ended,
    Panicked(String),
}

/// The task that runs on this thread.
///
/// # Panics
///
/// Panics outside an execution.
#[must_use]
pub fn current_task() -> TaskId {
    session::current()
}

/// A moment between two operations of the task that runs on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The task.
    pub task: TaskId,
    /// How often a controller was or will be told, of this execution and before this moment, that a task created an
    /// object or did something that is no scheduling point. A join that had to wait is not counted.
    pub told: usize,
}

/// The present moment of this thread's execution.
#[must_use]
pub fn now() -> Moment {
    Moment { task: session::with(|session| session.current), told: session::told() }
}

/// How many things the tasks of the present execution have told, see [`Moment::told`].
pub(crate) fn told() -> usize {
    session::told()
}

/// What came of asking the controller.
enum Step {
    Performed(TaskId, Result<u64, u64>),
    Abandoned,
    NothingEnabled { unfinished: TaskSet },
}

fn step<C: Controller>(session: &mut Session, controller: &mut C, last: Option<TaskId>) -> Step {
    let unfinished = session.unfinished();
    let enabled = session.enabled(unfinished, C::OWNS_SYNCHRONISATION);
    if enabled.is_empty() {
        return Step::NothingEnabled { unfinished };
    }
    match controller.choose(&View { enabled, unfinished, last, pending: &session.pending }) {
        Choice::Abandon => Step::Abandoned,
        Choice::Perform(task) => {
            assert!(enabled.contains(task), "the controller chose {task}, which is not enabled");
            let operation = session.pending[usize::from(task.0)];
            if !C::OWNS_SYNCHRONISATION {
                session.synchronisation.apply(task, &operation);
            }
            Step::Performed(task, controller.perform(task, &operation))
        }
    }
}

#[cfg(test)]
mod tests;
