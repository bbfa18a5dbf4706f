//! The tasks of the executor, in the shape of `std::thread`.

mod scoped;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::num::NonZero;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::arena;
use crate::executor::controlled::raw::{self, At};
use crate::executor::controlled::timed;
use crate::executor::{TASKS_MAX, is_panicking};
use crate::operation::{Action, TaskId};

pub use crate::executor::ControlledLocalKey as LocalKey;
pub use scoped::{Scope, ScopedJoinHandle, scope};
pub use std::thread::Result;

/// Starts a thread; see [`std::thread::spawn`].
#[track_caller]
pub fn spawn<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    JoinHandle(start(body, None, Location::caller()))
}

/// As [`spawn`], of a body or a value that does not say that it may go to another thread.
///
/// # Safety
///
/// Nothing of what the body owns, and of what it returns, is of a kind that must stay on one thread of the code under
/// test. (All threads of an execution run on one thread of the machine.)
#[track_caller]
pub unsafe fn spawn_unchecked<F, T>(body: F, name: Option<String>) -> JoinHandle<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    JoinHandle(start(body, name, Location::caller()))
}

/// A task that was started, and what it will leave.
struct Started<T> {
    thread: Thread,
    left: Arc<Mutex<Option<T>>>,
}

fn start<F, T>(body: F, name: Option<String>, at: At) -> Started<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    let left = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&left);
    let body = Box::new(move || {
        let value = body();
        *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    });
    let task = raw::spawn(body, at);
    let (_, execution) = raw::current();
    let thread = Thread { task, execution, name: name.map(Arc::from) };
    if let Some(name) = &thread.name {
        let note = |names: &mut HashMap<(u64, u8), Arc<str>>| {
            names.retain(|(of, _), _| *of == execution);
            names.insert((execution, task.0), Arc::from(&**name));
        };
        arena::outside(|| NAMES.with_borrow_mut(note));
    }
    Started { thread, left }
}

impl<T> Started<T> {
    #[allow(clippy::unnecessary_wraps, reason = "a join of the standard library can fail")]
    fn join(self, at: At) -> Result<T> {
        raw::join(self.thread.task, at);
        // A task that panics ends the execution, so a join that returns finds what the task has left.
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(left.expect("a joined task has left its result"))
    }
}

/// The right to wait for a thread; see [`std::thread::JoinHandle`].
///
/// A thread that panics ends its execution, which is a failure; so a join that returns always has a value.
pub struct JoinHandle<T>(Started<T>);

// SAFETY: the handle gives what its thread has left to whoever joins, and that is sent there once.
unsafe impl<T> Send for JoinHandle<T> {}
// SAFETY: a shared handle gives nothing but the name of its thread.
unsafe impl<T> Sync for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// Blocks until the thread has ended, and returns what its body returned.
    ///
    /// # Errors
    ///
    /// None: a panic ends the execution.
    ///
    /// # Panics
    ///
    /// Panics if the thread was joined before.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join(Location::caller())
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        &self.0.thread
    }

    /// Whether the thread has ended. Others run first, so that both answers are explored.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        raw::perform(Action::Yield, Location::caller());
        raw::has_ended(self.0.thread.task)
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

thread_local! {
    /// By number of the execution and the task.
    static NAMES: RefCell<HashMap<(u64, u8), Arc<str>>> = RefCell::default();
}

/// A thread of the code under test; see [`std::thread::Thread`].
#[derive(Clone, Debug)]
pub struct Thread {
    task: TaskId,
    execution: u64,
    name: Option<Arc<str>>,
}

/// See [`std::thread::ThreadId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadId(u64);

impl Thread {
    /// Makes the thread's token available, and wakes it if it is parked.
    #[track_caller]
    pub fn unpark(&self) {
        raw::perform(Action::Unpark { target: self.task }, Location::caller());
    }

    /// A number that no other thread of the process has.
    pub fn id(&self) -> ThreadId {
        ThreadId(self.execution * TASKS_MAX as u64 + u64::from(self.task.0))
    }

    /// The name that the thread was started with.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// The calling thread; see [`std::thread::current`].
pub fn current() -> Thread {
    let (task, execution) = raw::current();
    let name = NAMES.with_borrow(|names| names.get(&(execution, task.0)).cloned());
    Thread { task, execution, name }
}

/// Blocks until the calling thread's token is available, and takes it.
#[track_caller]
pub fn park() {
    raw::perform(Action::Park, Location::caller());
}

/// As [`park`], at this line.
pub(crate) fn park_at(at: At) {
    raw::perform(Action::Park, at);
}

/// Takes the calling thread's token if it has come; the time may be over at any moment.
#[track_caller]
pub fn park_timeout(time: Duration) {
    let at = Location::caller();
    if timed::park_timed(at) {
        timed::pass(time);
    }
    raw::perform(Action::Yield, at);
}

/// Lets other threads run, for any time. The calling thread's clock goes on by this much.
#[track_caller]
pub fn sleep(time: Duration) {
    timed::pass(time);
    raw::perform(Action::Yield, Location::caller());
}

/// Lets other threads run. A loop that waits for another thread must call this on every turn.
#[track_caller]
pub fn yield_now() {
    raw::perform(Action::Yield, Location::caller());
}

/// Blocks until every other thread of the execution has ended.
#[track_caller]
pub fn join_everyone() {
    raw::join_everyone(Location::caller());
}

/// Whether the calling thread unwinds.
pub fn panicking() -> bool {
    is_panicking()
}

/// How many threads an execution can have.
///
/// # Errors
///
/// None.
pub fn available_parallelism() -> io::Result<NonZero<usize>> {
    Ok(const { NonZero::new(TASKS_MAX).expect("there is a task") })
}

/// How a thread is started; see [`std::thread::Builder`].
#[derive(Debug, Default)]
pub struct Builder {
    name: Option<String>,
}

impl Builder {
    /// A thread without a name.
    pub fn new() -> Self {
        Builder::default()
    }

    /// Names the thread.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// Is ignored: the size of all stacks is an option of the engine.
    pub fn stack_size(self, bytes: usize) -> Self {
        let _ = bytes;
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// None.
    #[track_caller]
    pub fn spawn<F, T>(self, body: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(JoinHandle(start(body, self.name, Location::caller())))
    }

    /// Starts a thread of a [`scope`].
    ///
    /// # Errors
    ///
    /// None.
    #[track_caller]
    pub fn spawn_scoped<'scope, 'env, F, T>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        body: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        Ok(scope.start(body, self.name, Location::caller()))
    }
}
