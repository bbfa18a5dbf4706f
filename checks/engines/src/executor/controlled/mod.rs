//! The platform on which every operation stops the task and asks the executor.

mod atomic;
mod local;
mod lock;
pub(crate) mod meeting;
pub(crate) mod once;
mod ownership;
pub(crate) mod raw;
mod registered;
pub(crate) mod timed;

use core::any::Any;
use core::cell::{self, RefCell};
use core::panic::Location;
use core::sync::atomic::Ordering;
use std::rc::Rc;

use cancelproof_runtime::{JoinHandle, Runtime, Thread, UnsafeCell};

use super::controller::ObjectKind;
use super::session::{self, Execution};
use super::standing;
use crate::operation::{Action, TaskId};
use crate::platform::{Deliberate, Outcome, handed_over, outcome_of};

use registered::Owned;

pub use atomic::{ControlledAtomic, Word};
pub use local::{ControlledLocalKey, LocalAccessError};
pub use lock::{ControlledCondvar, ControlledMutex, ControlledMutexGuard};
pub use ownership::{ControlledArc, ControlledWeak};

/// The platform of our own engines: see [`Executor`](super::Executor).
///
/// Its objects exist only inside an execution, and each only inside the execution that created it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Controlled;

impl Runtime for Controlled {
    type AtomicU8 = ControlledAtomic<u8>;
    type AtomicU32 = ControlledAtomic<u32>;
    type AtomicU64 = ControlledAtomic<u64>;
    type AtomicUsize = ControlledAtomic<usize>;
    type UnsafeCell<T: Send + 'static> = ControlledUnsafeCell<T>;
    type Mutex<T: Send + 'static> = ControlledMutex<T>;
    type Condvar = ControlledCondvar;
    type Arc<T: Send + Sync + 'static> = ControlledArc<T>;
    type JoinHandle<T: Send + 'static> = ControlledJoinHandle<T>;
    type Thread = ControlledThread;

    const RUNS_ONE_AT_A_TIME: bool = true;

    #[track_caller]
    fn fence(ordering: Ordering) {
        assert!(ordering != Ordering::Relaxed, "there is no such thing as a relaxed fence");
        let _ = session::perform(Action::Fence { ordering }, None, Location::caller());
    }

    #[track_caller]
    fn spawn<T, F>(body: F) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let result = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&result);
        let body = Box::new(move || {
            let value = outcome_of(|| on_stack(body));
            *slot.borrow_mut() = Some(value);
        });
        let task = session::spawn(body, Location::caller());
        ControlledJoinHandle { result, task, execution: session::execution() }
    }

    #[track_caller]
    fn current() -> Self::Thread {
        ControlledThread { task: session::current(), execution: session::execution() }
    }

    fn current_number() -> usize {
        usize::from(session::current().0)
    }

    #[track_caller]
    fn park() {
        let _ = session::perform(Action::Park, None, Location::caller());
    }

    #[track_caller]
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "see `standing::note`")]
    fn yield_now() {
        standing::note();
        yield_at(Location::caller());
    }

    fn ends_execution(panic: &(dyn Any + Send)) -> bool {
        !panic.is::<Deliberate>()
    }
}

/// What a yield does after it has noted where it is. It has a frame of its own: written into that of whoever yields, it would
/// leave registers of the runtime there, and the first two turns of a loop would look different.
#[inline(never)]
fn yield_at(location: &'static Location<'static>) {
    let _ = session::perform(Action::Yield, None, location);
}

/// Runs a body that lies on the stack, and with it what it has captured, where a task's state is looked for.
fn on_stack<T, F: FnOnce() -> T>(body: F) -> T {
    // The address is given away, so the body is moved out of the box that it came in.
    let mut place = core::hint::black_box(Some(body));
    core::hint::black_box(&mut place);
    place.take().expect("the body was put here above")()
}

/// The right to wait for a task.
#[derive(Debug)]
pub struct ControlledJoinHandle<T> {
    result: Rc<RefCell<Option<Outcome<T>>>>,
    task: TaskId,
    execution: Execution,
}

impl<T> JoinHandle<T> for ControlledJoinHandle<T> {
    #[track_caller]
    fn join(self) -> T {
        session::check(self.execution);
        session::join(self.task, Location::caller());
        // A task that panics by accident ends the execution, so a join that returns finds a result.
        let outcome = self.result.borrow_mut().take().expect("a joined task has left its result");
        handed_over(outcome)
    }
}

/// A task that can be unparked.
#[derive(Clone, Debug)]
pub struct ControlledThread {
    task: TaskId,
    execution: Execution,
}

impl Thread for ControlledThread {
    #[track_caller]
    fn unpark(&self) {
        session::check(self.execution);
        let _ = session::perform(Action::Unpark { target: self.task }, None, Location::caller());
    }

    fn is_same(&self, other: &Self) -> bool {
        self.task == other.task && self.execution == other.execution
    }
}

/// A cell whose accesses are told to the controller.
///
/// An access is judged before it begins, and once more where it ends if the task performed an operation in
/// between: only then can another task have run meanwhile. A task whose access is a data race does not go on.
#[derive(Debug)]
pub struct ControlledUnsafeCell<T> {
    handle: Owned,
    value: cell::UnsafeCell<T>,
}

impl<T> ControlledUnsafeCell<T> {
    fn access<O>(
        &self,
        action: Action,
        location: &'static Location<'static>,
        access: impl FnOnce(*mut T) -> O,
    ) -> O {
        session::observe(action, *self.handle, location);
        let before = session::suspensions();
        // The controller has heard of the access, and would not have let a data race come this far.
        let output = access(self.value.get());
        if session::suspensions() != before {
            session::observe(action, *self.handle, location);
        }
        output
    }
}

impl<T: Send + 'static> UnsafeCell<T> for ControlledUnsafeCell<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        ControlledUnsafeCell { handle: Owned::create(ObjectKind::Cell), value: cell::UnsafeCell::new(value) }
    }

    #[track_caller]
    fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        self.access(Action::CellRead, Location::caller(), |value| access(value.cast_const()))
    }

    #[track_caller]
    fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        self.access(Action::CellWrite, Location::caller(), access)
    }
}
