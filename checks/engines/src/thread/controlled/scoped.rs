//! Threads that borrow from whoever starts them.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use super::{NAMES, Result, Thread};
use crate::executor::controlled::raw::{self, At};
use crate::operation::TaskId;

/// What threads are started in; see [`std::thread::Scope`].
pub struct Scope<'scope, 'env: 'scope> {
    tasks: Mutex<Vec<TaskId>>,
    invariant: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// Runs `body`, and waits for all threads that it starts in its scope; see [`std::thread::scope`].
#[track_caller]
pub fn scope<'env, F, T>(body: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let at = Location::caller();
    let scope = Scope { tasks: Mutex::default(), invariant: PhantomData, env: PhantomData };
    let result = catch_unwind(AssertUnwindSafe(|| body(&scope)));
    loop {
        let task = scope.tasks.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(task) = task else { break };
        raw::join(task, at);
    }
    result.unwrap_or_else(|payload| resume_unwind(payload))
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread that ends before the scope does.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, body: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.start(body, None, Location::caller())
    }

    pub(super) fn start<F, T>(
        &'scope self,
        body: F,
        name: Option<String>,
        at: At,
    ) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let left = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&left);
        let body: Box<dyn FnOnce() + 'scope> = Box::new(move || {
            let value = body();
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        });
        // SAFETY: `scope` does not return, and does not go on to unwind, before it has joined the task, and the task has
        // dropped the body by then.
        let body: Box<dyn FnOnce() + 'static> = unsafe { mem::transmute(body) };
        let task = raw::spawn(body, at);
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
        let (_, execution) = raw::current();
        let name: Option<Arc<str>> = name.map(Arc::from);
        if let Some(name) = &name {
            NAMES.with_borrow_mut(|names| names.insert((execution, task.0), Arc::clone(name)));
        }
        ScopedJoinHandle { thread: Thread { task, execution, name }, left, scope: PhantomData }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

/// The right to wait for a thread of a scope; see [`std::thread::ScopedJoinHandle`].
pub struct ScopedJoinHandle<'scope, T> {
    thread: Thread,
    left: Arc<Mutex<Option<T>>>,
    scope: PhantomData<&'scope ()>,
}

impl<T> ScopedJoinHandle<'_, T> {
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
        raw::join(self.thread.task, Location::caller());
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(left.expect("a joined task has left its result"))
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
