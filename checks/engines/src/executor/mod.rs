//! Our own executor: one coroutine for each modelled thread, all on the operating-system thread of the caller.
//!
//! Code under test runs on [`Controlled`], a [`Runtime`](cancelproof_runtime::Runtime) whose every
//! operation suspends the task with a pending [`Operation`](crate::operation::Operation). The [`Executor`] runs a body again and
//! again under a [`Controller`], which decides which task performs its operation next and what the atomics hold. The executor
//! itself keeps what can block a task (lock holders, waiters, park tokens, ended tasks), so it knows which pending
//! operations are enabled.
//!
//! | file | what it knows |
//! |---|---|
//! | `controller.rs` | the seam: who decides, what it is told, what it answers |
//! | `mod.rs` | the loop: resume a task, tell what it did, ask, perform |
//! | `stepping.rs` | asking the controller, and performing what it chooses |
//! | `ending.rs` | how an execution ends, and what the controller is told of it |
//! | `moment.rs` | where the execution of this thread is |
//! | `interceptor.rs` | who may stand between modelled code and the executor |
//! | `repeat.rs` | the first execution, run again after the last |
//! | `rest.rs` | how an execution that was given up comes to its end |
//! | `session.rs` | what tasks and executor share; how a task suspends itself; how long objects live |
//! | `synchronisation.rs` | which operations are enabled |
//! | `controlled/` | the runtime that modelled code sees |
//! | `standing.rs` | what a suspended task remembers, and whether that is what it remembered before |
//! | `waits.rs` | what a task waits for, in words |
//! | `stack.rs` | stacks with guard pages, and what happens when a task runs into one |
//!
//! # How an execution ends early
//!
//! No operation is ever answered without having been performed: code may free memory by what an atomic says, and a
//! made-up answer would have it freed twice, in the process of the suite.
//!
//! So an execution that a controller gives up is *finished*, if the controller can say what its objects hold
//! ([`Controller::present`]): the tasks go on by turns, by real operations on a memory that continues from there
//! (`rest.rs`), and nobody is told. Destructors run, and what the tasks own is given back.
//!
//! In all other cases (a task has panicked, a data race is known, nothing is enabled any more, tasks run for ever,
//! the controller cannot say) the stacks of the unfinished tasks are *abandoned*: nothing on them ever runs again,
//! and whatever they own stays where it is. That is sound however the code is written, because nothing is freed that
//! somebody could still refer to. What such tasks hold for longer than an execution (a lock of the standard library
//! in a static, a borrow of a thread-local) stays held. It happens at most once in each exploration, and in the
//! rare runs in which rc11 asks a thread what it would do.

pub(crate) mod controlled;
mod controller;
mod ending;
mod interceptor;
mod moment;
pub(crate) mod quiet;
mod repeat;
mod rest;
mod session;
mod stack;
pub(crate) mod standing;
mod stepping;
pub(crate) mod synchronisation;
mod waits;

use core::panic::Location;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};

use self::ending::{CameTo, tell_end};
use self::quiet::INSIDE;
use self::repeat::{Again, TakenDown};
use self::rest::Rest;
use self::session::{Body, Event, Pause, Phase, Reply, Session};
use self::stack::StackPool;
use self::stepping::{Step, step};
use crate::arena;
use crate::exploration::{Failure, FailureKind};
use crate::locals;
use crate::operation::{Action, TaskId};
use crate::outcome;
use crate::plain;

pub use self::controlled::{
    Controlled, ControlledArc, ControlledAtomic, ControlledCondvar, ControlledJoinHandle, ControlledLocalKey,
    ControlledMutex, ControlledMutexGuard, ControlledThread, ControlledUnsafeCell, ControlledWeak,
    LocalAccessError, Word,
};
pub use self::controller::{Choice, Controller, Ending, OBJECTS_MAX, ObjectKind, TASKS_MAX, TaskSet, View};
pub use self::interceptor::{Ahead, Interceptor, intercept};
pub use self::moment::{Moment, current_task, last_panic, now};
pub(crate) use self::moment::{is_panicking, told};
pub(crate) use self::repeat::FirstRun;
pub use self::rest::Present;
pub(crate) use self::session::is_by_unseen_count;
pub(crate) use self::waits::{waits, waits_for_wake};

pub use self::stack::{STACK_BYTES_DEFAULT, stack_bytes_default};

/// How often the first execution is run again, at most. Once is enough for what only the first run does; a value drawn at
/// random out of two may be drawn alike a few times.
const AGAIN_MAX: usize = 16;

/// How often at least, however long it is.
const AGAIN_MIN: usize = 4;

/// Beyond that, so many entries of the first execution are gone through again.
const AGAIN_ENTRIES: usize = 2_000;

const _: () = assert!(arena::LANES == TASKS_MAX, "each task has memory of its own");

/// Runs a body under a controller. Create one for each operating-system thread and keep it: it pools stacks.
pub struct Executor {
    tasks: Vec<Option<Task>>,
    stacks: StackPool,
    /// Tasks to resume before the next choice, each with its reply, in order.
    ready: Vec<(TaskId, Reply)>,
    events: Vec<Event>,
    spawned: Vec<Body>,
    memory: arena::Lease,
    /// What each task has in thread-locals of the standard library.
    locals: Vec<locals::Own>,
}

type Task = Coroutine<Reply, Pause, Option<String>, DefaultStack>;

impl Executor {
    /// An executor whose tasks have stacks of `stack_bytes` each.
    #[must_use]
    pub fn new(stack_bytes: usize) -> Self {
        quiet::install_hook();
        arena::stop_by(session::stop);
        Executor {
            tasks: Vec::new(),
            stacks: StackPool::new(stack_bytes),
            ready: Vec::new(),
            events: Vec::new(),
            spawned: Vec::new(),
            memory: arena::Lease::take(),
            locals: Vec::new(),
        }
    }

    /// Runs `body` as task 0 of one execution after another, until the controller begins no other.
    ///
    /// # Panics
    ///
    /// Panics if called from inside an execution, if the
    /// controller chooses a task that is not enabled, or if the system has no memory for another stack.
    pub fn run<C: Controller>(&mut self, controller: &mut C, body: &Arc<dyn Fn() + Send + Sync>) {
        while controller.begin() {
            self.execute(controller, Arc::clone(body));
        }
    }

    /// As [`run`](Executor::run), and takes the first execution down.
    pub(crate) fn run_taking_down<C: Controller>(
        &mut self,
        controller: &mut C,
        body: &Arc<dyn Fn() + Send + Sync>,
    ) -> FirstRun {
        let mut first = FirstRun::default();
        if controller.begin() {
            let ((), outcome) = outcome::of_first(|| {
                self.execute(&mut TakenDown { inner: controller, run: &mut first }, Arc::clone(body));
            });
            first.set_outcome(outcome);
            self.run(controller, body);
        }
        first
    }

    /// Runs the first execution again. Returns in what it differed, if it did.
    pub(crate) fn run_again(
        &mut self,
        first: &FirstRun,
        body: &Arc<dyn Fn() + Send + Sync>,
    ) -> Option<Failure> {
        let times = (AGAIN_ENTRIES / first.len().max(1)).clamp(AGAIN_MIN, AGAIN_MAX);
        (0..times).find_map(|_| {
            let mut again = Again::new(first);
            let ((), outcome) = outcome::of_rerun(|| self.run(&mut again, body));
            let message = again.difference(outcome.as_deref())?;
            let kind = FailureKind::Nondeterminism { message };
            Some(Failure { kind, execution: 1, decisions: first.decisions() })
        })
    }

    fn execute<C: Controller>(&mut self, controller: &mut C, body: Arc<dyn Fn() + Send + Sync>) {
        let main = session::with(Session::start);
        self.memory.begin();
        self.start(main, Box::new(move || body()));
        let mut came_to = self.drive(controller);
        if matches!(came_to, CameTo::GivenUp)
            && let Some(mut rest) = session::with(|session| Rest::of(controller, session))
        {
            // However this comes out, the execution has been given up.
            let _ = self.drive(&mut rest);
        }
        let has_orphans = self.abandon();
        if came_to.is_complete()
            && let Some((task, trouble)) = self.memory.trouble()
        {
            came_to = CameTo::Panic { task: TaskId(task), message: trouble.to_string() };
        }
        tell_end(controller, came_to);
        self.memory.finish(has_orphans);
    }

    /// Lets the tasks go on as the controller says, until nothing is enabled or somebody ends it.
    fn drive<C: Controller>(&mut self, controller: &mut C) -> CameTo {
        let mut last = None;
        loop {
            if let Some(end) = self.advance(controller) {
                self.ready.clear();
                return end;
            }
            if let Some(bound) = session::with(|session| session.exceeded.take()) {
                return CameTo::Exceeded { bound };
            }
            match session::with(|session| step(session, controller, last)) {
                Step::Performed(task, reply) => {
                    last = Some(task);
                    self.ready.push((task, reply));
                }
                Step::Dropped { task, message } => return CameTo::Panic { task, message },
                Step::Abandoned => return CameTo::GivenUp,
                Step::NothingEnabled { unfinished } => return CameTo::Rest { unfinished, last },
            }
        }
    }

    /// Gives a task a coroutine and makes it ready to run up to its first operation.
    fn start(&mut self, task: TaskId, body: Body) {
        let stack = self.stacks.take().expect("the system has memory for another stack");
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<Reply, Pause>, _| {
            session::with(|session| session.set_yielder(task, yielder));
            let result = catch_unwind(AssertUnwindSafe(body));
            let result = result.and(catch_unwind(session::drop_locals));
            locals::end();
            arena::outside(|| result.err().map(plain::said))
        });
        let place = usize::from(task.0);
        debug_assert!(place == self.tasks.len(), "tasks start in the order of their numbers");
        self.tasks.push(Some(coroutine));
        if self.locals.len() == place {
            self.locals.push(locals::Own::default());
        }
        self.locals[place].begin();
        self.ready.push((task, Ok(0)));
    }

    /// Runs every ready task up to its next operation, and tells the controller what each did. Returns how the
    /// execution ended, if a task ended it.
    fn advance<C: Controller>(&mut self, controller: &mut C) -> Option<CameTo> {
        let mut next = 0;
        while let Some((task, reply)) = self.ready.get(next).copied() {
            next += 1;
            let mut progress = self.resume(task, reply);
            self.tell(controller, task);
            while matches!(progress, Progress::Told) {
                if controller.refuses() {
                    return Some(CameTo::Refused);
                }
                progress = self.resume(task, Ok(0));
                self.tell(controller, task);
            }
            if let Some(trouble) = arena::trouble() {
                return Some(CameTo::Panic { task, message: trouble.to_string() });
            }
            if matches!(progress, Progress::Suspended) {
                continue;
            }
            controller.ended(task);
            if let Progress::Panicked(message) = progress {
                return Some(CameTo::Panic { task, message });
            }
            session::with(|session| {
                for joiner in session.joiners(task) {
                    controller.observe(joiner, &session.pending[usize::from(joiner.0)]);
                    self.ready.push((joiner, Ok(0)));
                }
            });
        }
        self.ready.clear();
        None
    }

    /// Runs one task until it suspends itself, or returns; then its stack goes back to the pool.
    fn resume(&mut self, task: TaskId, reply: Reply) -> Progress {
        standing::runs(task);
        let performed = session::with(|session| {
            session.current = task;
            session.pending[usize::from(task.0)].location
        });
        let place = &mut self.tasks[usize::from(task.0)];
        let Some(coroutine) = place.as_mut() else { return Progress::Ended };
        let inside = INSIDE.replace(true);
        let locals = &mut self.locals[usize::from(task.0)];
        locals.swap();
        arena::enter(task.0, performed);
        let result = coroutine.resume(reply);
        arena::leave(task.0);
        locals.swap();
        if let Some(digest) = locals.digest() {
            standing::keeps(task, digest);
        }
        INSIDE.set(inside);
        let panic = match result {
            CoroutineResult::Yield(Pause::Operation) => return Progress::Suspended,
            CoroutineResult::Yield(Pause::Told) => return Progress::Told,
            CoroutineResult::Return(panic) => panic,
        };
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
                Event::Found(object, kind) => controller.found(task, object, kind),
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

    /// Ends the execution. The stacks of tasks that have not finished are lost, with all that they own; returns whether there are
    /// any.
    fn abandon(&mut self) -> bool {
        let mut has_orphans = false;
        for task in self.tasks.drain(..).flatten() {
            self.stacks.lose(task);
            has_orphans = true;
        }
        self.ready.clear();
        session::with(|session| session.phase = Phase::Outside);
        interceptor::clear();
        has_orphans
    }
}

impl Drop for Executor {
    /// If the controller panicked, tasks are left over: they are abandoned like those of any execution that cannot
    /// go on.
    fn drop(&mut self) {
        if !self.tasks.is_empty() {
            self.abandon();
        }
    }
}

/// How far a task came when it was resumed.
enum Progress {
    /// To its next operation.
    Suspended,
    /// To an access of which the controller is to hear first.
    Told,
    Ended,
    Panicked(String),
}

/// What is wrong where an object is dropped and another thread operates on it, in words.
pub(crate) fn use_beside_drop(used: &Location<'_>, dropped: &Location<'_>) -> String {
    format!(
        "use after free: the operation at {used} is on an object that another thread drops after its operation at {dropped}, \
         and nothing orders the first before that"
    )
}

#[cfg(test)]
mod tests;
