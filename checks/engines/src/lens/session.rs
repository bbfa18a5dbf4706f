//! Who looks: the observer of a thread, and the numbers it has given.

use core::cell::{Cell, RefCell};
use core::panic::Location;
use core::sync::atomic::{AtomicU8, AtomicU16, Ordering};
use std::sync::Arc;

use cancelproof_runtime::Std;

use super::Platform;
use crate::executor::{self, Controlled, ObjectKind};
use crate::operation::{Action, ObjectId, Operation, TaskId};
#[cfg(feature = "loom-shape")]
use crate::platform::Loom;
#[cfg(feature = "shuttle")]
use crate::platform::Shuttle;

/// Is told what code on a lens does.
///
/// The methods are called by the task that performs the operation. Between `before` and `after` of one operation
/// other tasks may perform theirs, so an observer keeps no borrow from one to the other.
pub trait Observer: Send + Sync {
    /// A task has created an object.
    fn created(&self, task: TaskId, object: ObjectId, kind: ObjectKind) {
        let _ = (task, object, kind);
    }

    /// A task is about to perform an operation. Returns the operation that it is to perform instead: the same with
    /// other orderings, if anything. Returning anything else has no effect.
    fn before(&self, task: TaskId, operation: &Operation) -> Operation {
        let _ = task;
        *operation
    }

    /// A task has performed an operation. `result` is what a load or a read-modify-write read; `Err` if it was a
    /// compare-exchange that failed.
    fn after(&self, task: TaskId, operation: &Operation, result: Result<u64, u64>) {
        let _ = (task, operation, result);
    }

    /// The body of a spawned task has returned.
    fn ended(&self, task: TaskId) {
        let _ = task;
    }
}

/// Runs `body` under an observer: what it does on this thread, and on threads that it spawns through a lens, is
/// reported. Objects and tasks are numbered from 0; the thread that calls this is task 0.
pub fn observe<O>(observer: Arc<dyn Observer>, body: impl FnOnce() -> O) -> O {
    let _installed =
        Installed::new(Arc::new(Session { observer, objects: AtomicU16::new(0), tasks: AtomicU8::new(1) }));
    body()
}

/// Numbers from 0 again: for an engine that runs a body many times under one observer.
pub fn restart() {
    SESSION.with_borrow(|session| {
        if let Some(session) = session {
            session.objects.store(0, Ordering::Relaxed);
            session.tasks.store(1, Ordering::Relaxed);
        }
    });
}

pub(super) struct Session {
    observer: Arc<dyn Observer>,
    objects: AtomicU16,
    tasks: AtomicU8,
}

thread_local! {
    static INSTALLED: Cell<bool> = const { Cell::new(false) };
    static SESSION: RefCell<Option<Arc<Session>>> = const { RefCell::new(None) };
}

/// The session of this thread, until this is dropped; then whatever was there before.
pub(super) struct Installed {
    before: Option<Arc<Session>>,
}

impl Installed {
    pub(super) fn new(session: Arc<Session>) -> Self {
        INSTALLED.set(true);
        Installed { before: SESSION.replace(Some(session)) }
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        INSTALLED.set(self.before.is_some());
        SESSION.set(self.before.take());
    }
}

/// The session of this thread, if somebody looks.
#[inline]
pub(super) fn current() -> Option<Arc<Session>> {
    if INSTALLED.get() { SESSION.with_borrow(Option::clone) } else { None }
}

/// An operation that is being looked at.
pub(super) struct Looking {
    session: Arc<Session>,
    task: TaskId,
    /// As the observer wants it.
    pub(super) operation: Operation,
}

impl Looking {
    /// Reports an operation that is about to be performed; `None` if nobody looks.
    #[inline]
    pub(super) fn before<P: Platform>(
        action: Action,
        object: Option<ObjectId>,
        location: &'static Location<'static>,
    ) -> Option<Looking> {
        let session = current()?;
        let task = P::task();
        let operation = session.observer.before(task, &Operation { action, object, location });
        Some(Looking { session, task, operation })
    }

    /// Reports that it has been.
    #[inline]
    pub(super) fn after(looking: Option<Looking>, result: Result<u64, u64>) {
        if let Some(Looking { session, task, operation }) = looking {
            session.observer.after(task, &operation, result);
        }
    }
}

/// Numbers a new object, if somebody looks. An object that nobody saw being created keeps no number.
#[inline]
pub(super) fn create<P: Platform>(kind: ObjectKind) -> Option<ObjectId> {
    let session = current()?;
    let object = ObjectId(session.objects.fetch_add(1, Ordering::Relaxed));
    session.observer.created(P::task(), object, kind);
    Some(object)
}

/// Reports that the body of a spawned task has returned.
pub(super) fn ended(task: TaskId) {
    if let Some(session) = current() {
        session.observer.ended(task);
    }
}

/// The number of the next task.
pub(super) fn next_task(session: &Session) -> TaskId {
    TaskId(session.tasks.fetch_add(1, Ordering::Relaxed))
}

thread_local! {
    /// The number of a real thread.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

impl Platform for Std {
    fn task() -> TaskId {
        TaskId(THREAD.get())
    }

    fn enter(task: TaskId) {
        THREAD.set(task.0);
    }
}

impl Platform for Controlled {
    fn task() -> TaskId {
        executor::current_task()
    }

    fn enter(task: TaskId) {
        debug_assert_eq!(executor::current_task(), task, "the lens sees every spawn");
    }
}

#[cfg(feature = "shuttle")]
impl Platform for Shuttle {
    fn task() -> TaskId {
        TaskId(usize::from(shuttle::current::me()) as u8)
    }

    fn enter(task: TaskId) {
        debug_assert_eq!(Self::task(), task, "the lens sees every spawn");
    }
}

#[cfg(feature = "loom-shape")]
loom::thread_local! {
    static LOOM_THREAD: Cell<u8> = Cell::new(0);
}

#[cfg(feature = "loom-shape")]
impl Platform for Loom {
    fn task() -> TaskId {
        TaskId(LOOM_THREAD.with(Cell::get))
    }

    fn enter(task: TaskId) {
        LOOM_THREAD.with(|thread| thread.set(task.0));
    }
}
