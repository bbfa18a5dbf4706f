//! shuttle as a host: the same search behind shuttle's [`Scheduler`] trait, fed by a lens.
//!
//! shuttle asks its scheduler which of the runnable tasks goes next, just before each operation, but not what the
//! operations are; the lens announces them. What shuttle counts as a scheduling point and the search does not (the
//! start and the end of a task, a join) is passed through at once. What the search counts and shuttle does not (a
//! fence, a park whose token is there) is given a scheduling point by a yield. So the search sees the same tasks
//! with the same operations as on our own executor, and makes the same decisions.
//!
//! shuttle would let a task run into a lock that is held and block there; the search is told by the executor's own
//! account of locks, waits and tokens what is enabled, and never chooses such a task.

use std::cell::RefCell;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use shuttle::scheduler::{Schedule, Scheduler, Task};
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};

use super::explore::Host;
use super::search::Search;
use crate::engine::shuttle::apart::Apart;
use crate::executor::quiet;
use crate::executor::standing;
use crate::executor::synchronisation::Synchronisation;
use crate::executor::{Choice, Controller, Ending, ObjectKind, TaskSet, View};
use crate::exploration::FailureKind;
use crate::lens::{self, Observer};
use crate::locals;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// shuttle as a host.
pub(super) struct OnShuttle {
    pub(super) body: Arc<dyn Fn() + Send + Sync>,
    pub(super) stack_bytes: usize,
}

impl Host for OnShuttle {
    type Worker = ();

    fn worker(&self) {}

    fn run(&self, (): &mut (), search: Search) -> Search {
        let body = Arc::clone(&self.body);
        let main = move || {
            standing::beneath(TaskId(0), || locals::to_the_end(|| body()));
            Announcer.ended(TaskId(0));
        };
        STAGE.set(Some(Stage::new(search)));
        let mut config = Config::new();
        config.stack_size = self.stack_bytes;
        config.failure_persistence = FailurePersistence::None;
        config.max_steps = MaxSteps::None;
        config.silence_warnings = true;
        let result = lens::observe(Arc::new(Announcer), || {
            quiet::catch(AssertUnwindSafe(|| {
                Runner::new(Apart(Chooser), config).run(main);
            }))
        });
        locals::forget();
        let mut stage = STAGE.take().expect("the stage was set above, and is taken here only");
        if let Err(message) = result {
            stage.end_by_panic(&message);
        }
        stage.search
    }
}

/// What the scheduler and the observer share: the current execution, as the search is to see it.
struct Stage {
    search: Search,
    /// Whether an execution is under way.
    running: bool,
    tasks: Vec<Announced>,
    /// The operations alone, in the form that the search looks at.
    pending: Vec<Operation>,
    finished: TaskSet,
    last: Option<TaskId>,
    synchronisation: Synchronisation,
}

/// What is known of a task.
#[derive(Clone, Copy, Debug)]
struct Announced {
    /// Whether it stands before the operation in `pending`; if not, it only has to be let run.
    waiting: bool,
    /// What the search said the operation that it performed last returns.
    reply: Result<u64, u64>,
    /// The lock that it takes again at the end of its wait.
    lock: Option<ObjectId>,
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// Gives access to the execution that runs on this thread; `None` while one is being torn down.
fn with_running<O>(access: impl FnOnce(&mut Stage) -> O) -> Option<O> {
    STAGE.with_borrow_mut(|stage| stage.as_mut().filter(|stage| stage.running).map(access))
}

impl Stage {
    fn new(search: Search) -> Self {
        Stage {
            search,
            running: false,
            tasks: Vec::new(),
            pending: Vec::new(),
            finished: TaskSet::EMPTY,
            last: None,
            synchronisation: Synchronisation::new(),
        }
    }

    fn begin(&mut self) -> bool {
        if self.running {
            self.end(Ending::Complete);
        }
        if !self.search.begin() {
            return false;
        }
        self.running = true;
        standing::reset();
        self.tasks.clear();
        self.pending.clear();
        self.finished = TaskSet::EMPTY;
        self.last = None;
        self.synchronisation.reset();
        self.add_task(core::panic::Location::caller());
        true
    }

    fn add_task(&mut self, location: &'static core::panic::Location<'static>) {
        self.tasks.push(Announced { waiting: false, reply: Ok(0), lock: None });
        self.pending.push(Operation { action: Action::Yield, object: None, location });
    }

    fn end(&mut self, ending: Ending<'_>) {
        self.running = false;
        self.search.end(ending);
    }

    fn end_by_panic(&mut self, message: &str) {
        // A panic between executions is not the body's: a listener's, or the engine's own.
        assert!(self.running, "{message}");
        if message.starts_with("deadlock!") {
            self.end_by_deadlock();
        } else {
            self.end(Ending::Panic { task: TaskId(0), message });
        }
    }

    fn end_by_deadlock(&mut self) {
        let pending = core::mem::take(&mut self.pending);
        let view = View::new(TaskSet::EMPTY, self.unfinished(), self.last, &pending);
        self.end(Ending::Deadlock { view });
        self.pending = pending;
    }

    fn unfinished(&self) -> TaskSet {
        TaskSet::first_tasks(self.tasks.len()).difference(self.finished)
    }

    /// The task that goes next, of those that shuttle can run; `None` to end the execution.
    fn choose(&mut self, runnable: TaskSet) -> Option<TaskId> {
        let passes = |task: &TaskId| {
            let place = usize::from(task.0);
            !self.tasks[place].waiting || matches!(self.pending[place].action, Action::Join { .. })
        };
        if let Some(passing) = runnable.iter().find(passes) {
            return Some(passing);
        }
        let can_go = |task: &TaskId| self.synchronisation.enables(*task, &self.pending[usize::from(task.0)]);
        let enabled: TaskSet = runnable.iter().filter(can_go).collect();
        if enabled.is_empty() {
            self.end_by_deadlock();
            return None;
        }
        let view = View::new(enabled, self.unfinished(), self.last, &self.pending);
        // Nothing comes out spuriously here: see `explore_on_shuttle`.
        let Choice::Perform(task) = self.search.choose(&view) else {
            self.end(Ending::Abandoned);
            return None;
        };
        self.perform(task);
        Some(task)
    }

    /// Lets the search account for the operation that shuttle is about to run.
    fn perform(&mut self, task: TaskId) {
        let place = usize::from(task.0);
        let operation = self.pending[place];
        self.synchronisation.apply(task, &operation);
        let reply = self.search.perform(task, &operation);
        self.last = Some(task);
        let announced = &mut self.tasks[place];
        announced.reply = reply;
        // Of a wait the lens announces the begin only. What follows is known.
        let following = match operation.action {
            Action::WaitBegin { lock } => {
                announced.lock = Some(lock);
                Some((Action::WaitEnd, operation.object))
            }
            Action::WaitEnd => Some((Action::Lock, announced.lock)),
            _ => None,
        };
        announced.waiting = following.is_some();
        if let Some((action, object)) = following {
            self.pending[place] = Operation { action, object, location: operation.location };
        }
    }
}

/// The scheduler that shuttle asks.
struct Chooser;

impl Scheduler for Chooser {
    fn new_execution(&mut self) -> Option<Schedule> {
        lens::restart();
        let more = STAGE.with_borrow_mut(|stage| stage.as_mut().is_some_and(Stage::begin));
        more.then(|| Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        _current: Option<shuttle::scheduler::TaskId>,
        _is_yielding: bool,
    ) -> Option<shuttle::scheduler::TaskId> {
        let number = |task: &&Task| TaskId(usize::from(task.id()) as u8);
        let chosen = with_running(|stage| stage.choose(runnable.iter().map(number).collect())).flatten()?;
        standing::runs(chosen);
        runnable.iter().find(|task| number(task) == chosen).map(|task| task.id())
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}

/// The observer that announces operations.
struct Announcer;

impl Observer for Announcer {
    fn created(&self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        with_running(|stage| {
            stage.synchronisation.created(kind);
            stage.search.created(task, object, kind);
        });
    }

    fn before(&self, task: TaskId, operation: &Operation) -> Operation {
        if !standing::take_noted() {
            standing::lose();
        }
        let yields = with_running(|stage| {
            match operation.action {
                Action::CellRead | Action::CellWrite => {
                    stage.search.observe(task, operation);
                    // The scheduler then ends the execution before the racing access is made.
                    return stage.search.refuses();
                }
                Action::Spawn { .. } => {
                    stage.add_task(operation.location);
                    stage.search.observe(task, operation);
                }
                _ => {
                    let place = usize::from(task.0);
                    stage.pending[place] = *operation;
                    stage.tasks[place].waiting = true;
                }
            }
            matches!(
                operation.action,
                Action::Fence { .. } | Action::Park | Action::ReferenceTake | Action::ReferenceDrop
            )
        });
        if yields == Some(true) {
            shuttle::thread::yield_now();
        }
        *operation
    }

    fn after(&self, task: TaskId, operation: &Operation, result: Result<u64, u64>) {
        with_running(|stage| match operation.action {
            Action::CellRead | Action::CellWrite => stage.search.observe(task, operation),
            Action::Join { .. } => {
                stage.tasks[usize::from(task.0)].waiting = false;
                stage.search.observe(task, operation);
            }
            Action::Load { .. } | Action::Update { .. } | Action::CompareExchange { .. }
                if stage.tasks[usize::from(task.0)].reply != result =>
            {
                let expected = stage.tasks[usize::from(task.0)].reply;
                let message = format!("{operation} returned {result:?} and not {expected:?}");
                stage.search.object(FailureKind::Nondeterminism { message });
            }
            _ => {}
        });
    }

    fn ended(&self, task: TaskId) {
        with_running(|stage| {
            stage.finished.insert(task);
            stage.search.ended(task);
        });
    }
}
