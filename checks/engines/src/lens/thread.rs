//! Threads under a lens.

use core::panic::Location;

use cancelproof_runtime::{JoinHandle, Runtime, Thread};

use super::Platform;
use super::session::{self, Installed, Looking};
use crate::executor::standing;
use crate::operation::{Action, TaskId};

/// The right to wait for a thread.
pub struct LensJoinHandle<T: Send + 'static, R: Platform> {
    handle: R::JoinHandle<T>,
    child: TaskId,
}

/// A thread that can be unparked.
#[derive(Clone, Debug)]
pub struct LensThread<R: Platform> {
    thread: R::Thread,
    task: TaskId,
}

pub(super) fn spawn<R, T, F>(body: F, location: &'static Location<'static>) -> LensJoinHandle<T, R>
where
    R: Platform,
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let Some(session) = session::current() else {
        return LensJoinHandle { handle: R::spawn(body), child: TaskId(0) };
    };
    let child = session::next_task(&session);
    let look = Looking::before::<R>(Action::Spawn { child }, None, location);
    let handle = R::spawn(move || {
        // A coroutine finds its thread's session in place; a real thread brings its parent's along.
        let _installed = session::current().is_none().then(|| Installed::new(session));
        R::enter(child);
        let value = standing::beneath(child, body);
        session::ended(child);
        value
    });
    Looking::after(look, Ok(0));
    LensJoinHandle { handle, child }
}

/// In a frame of its own, since the caller's is compared with itself.
#[inline(never)]
pub(super) fn yield_now<R: Platform>(location: &'static Location<'static>) {
    let look = Looking::before::<R>(Action::Yield, None, location);
    R::yield_now();
    Looking::after(look, Ok(0));
}

impl<T: Send + 'static, R: Platform> JoinHandle<T> for LensJoinHandle<T, R> {
    #[track_caller]
    fn join(self) -> T {
        let look = Looking::before::<R>(Action::Join { child: self.child }, None, Location::caller());
        let value = self.handle.join();
        Looking::after(look, Ok(0));
        value
    }
}

impl<R: Platform> LensThread<R> {
    pub(super) fn new(thread: <R as Runtime>::Thread, task: TaskId) -> Self {
        LensThread { thread, task }
    }
}

impl<R: Platform> Thread for LensThread<R> {
    #[track_caller]
    fn unpark(&self) {
        let look = Looking::before::<R>(Action::Unpark { target: self.task }, None, Location::caller());
        self.thread.unpark();
        Looking::after(look, Ok(0));
    }

    fn is_same(&self, other: &Self) -> bool {
        self.thread.is_same(&other.thread)
    }
}
