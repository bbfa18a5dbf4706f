//! Somebody between the code under test and the executor: sees each operation before it is performed, and may have
//! another one performed instead, or none.
//!
//! An interceptor belongs to one execution. The body installs it with [`intercept`] before anything else, on whichever
//! operating-system thread the engine runs that execution; it is gone when the execution is over. So it works
//! under every engine that runs on [`Controlled`](super::Controlled), with any number of workers. As long as none is
//! installed it costs the reading of one flag for each operation.
//!
//! What an interceptor does must follow from the operations alone, as must all that runs in an execution: engines run
//! the same prefix again and again and rely on its being the same.

use core::cell::{Cell, RefCell};
use core::panic::Location;
use std::rc::Rc;

use super::controller::ObjectKind;
use super::session::{self, Handle};
use crate::arena;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// Stands between the code under test and the executor.
///
/// The methods are called on the task that performs the operation. Operations that an interceptor performs itself,
/// other than by [`Ahead`], are intercepted like all others.
pub trait Interceptor {
    /// The task is about to perform `operation`. Returns what the operation gives to the program; as a rule what
    /// `ahead` answers.
    ///
    /// # Errors
    ///
    /// For a compare-exchange that fails, and for a wait or a park that ends spuriously.
    fn perform(&self, task: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        let _ = task;
        ahead.perform(operation.action)
    }

    /// The task accesses a cell. Returns whether the executor is told.
    fn observe(&self, task: TaskId, operation: &Operation) -> bool {
        let _ = (task, operation);
        true
    }

    /// The task is about to change what a lock protects, which it took at `taken`, has looked at under it before, and refers to by
    /// nothing else. Returns whether it lets go of the lock first and takes it anew.
    fn splits(
        &self,
        task: TaskId,
        taken: &'static Location<'static>,
        access: &'static Location<'static>,
    ) -> bool {
        let _ = (task, taken, access);
        false
    }

    /// The task has created an object.
    fn created(&self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        let _ = (task, object, kind);
    }
}

/// The way from an interceptor on to the executor: performs actions on the object of the intercepted operation, as
/// if they were written where that is written.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    handle: Option<Handle>,
    location: &'static Location<'static>,
}

impl Ahead {
    /// Suspends the task until the executor has performed `action`.
    ///
    /// # Errors
    ///
    /// For a compare-exchange that fails, and for a wait or a park that ends spuriously.
    pub fn perform(self, action: Action) -> Result<u64, u64> {
        session::suspend(action, self.handle, self.location)
    }
}

thread_local! {
    static INTERCEPTOR: RefCell<Option<Rc<dyn Interceptor>>> = const { RefCell::new(None) };
    /// Whether there is one, so that not having one is cheap.
    static IS_INTERCEPTED: Cell<bool> = const { Cell::new(false) };
}

/// Puts `interceptor` between the code under test and the executor for the rest of this execution, instead of what
/// was there.
///
/// # Panics
///
/// Panics outside an execution.
pub fn intercept(interceptor: Rc<dyn Interceptor>) {
    // Outside an execution there is no current task, and this says so.
    let _ = session::current();
    IS_INTERCEPTED.set(true);
    INTERCEPTOR.set(Some(interceptor));
}

/// Forgets the interceptor of the execution that is over.
pub(super) fn clear() {
    if IS_INTERCEPTED.replace(false) {
        INTERCEPTOR.set(None);
    }
}

/// The interceptor, if there is one and tasks perform operations.
#[inline]
fn current() -> Option<Rc<dyn Interceptor>> {
    if IS_INTERCEPTED.get() && session::is_running() { INTERCEPTOR.with_borrow(Clone::clone) } else { None }
}

#[inline]
pub(super) fn perform(
    action: Action,
    handle: Option<Handle>,
    location: &'static Location<'static>,
) -> Option<Result<u64, u64>> {
    let interceptor = current()?;
    let operation = Operation { action, object: handle.map(Handle::object), location };
    let _paused = arena::pause();
    Some(interceptor.perform(session::current(), &operation, Ahead { handle, location }))
}

#[inline]
pub(super) fn hides(action: Action, handle: Option<Handle>, location: &'static Location<'static>) -> bool {
    let operation = Operation { action, object: handle.map(Handle::object), location };
    let _paused = arena::pause();
    current().is_some_and(|interceptor| !interceptor.observe(session::current(), &operation))
}

#[inline]
pub(super) fn splits(taken: &'static Location<'static>, access: &'static Location<'static>) -> bool {
    let Some(interceptor) = current() else { return false };
    let _paused = arena::pause();
    interceptor.splits(session::current(), taken, access)
}

pub(super) fn created(object: ObjectId, kind: ObjectKind) {
    if let Some(interceptor) = current() {
        let _paused = arena::pause();
        interceptor.created(session::current(), object, kind);
    }
}
