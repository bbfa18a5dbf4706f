//! shuttle as a platform: sequentially consistent, any number of threads, schedulers of every kind.
//!
//! shuttle has no cell of its own and cannot see a data race; the cell here is the plain one. Shared ownership is
//! the standard library's, as shuttle's is.

use core::any::Any;
use core::cell;
use core::sync::atomic::Ordering;
use std::panic::resume_unwind;
use std::sync::PoisonError;

use cancelproof_runtime::{Atomic, Condvar, JoinHandle, Mutex, MutexGuard, Runtime, Thread, UnsafeCell};

use shuttle::sync::atomic;

use super::{Adapted, Deliberate, Outcome, forward_to_crate, handed_over, outcome_of};
use crate::locals;
use crate::platform::reduction;

/// shuttle as a [`Runtime`]. Its objects work only inside a `shuttle::Runner`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shuttle;

forward_to_crate!(Shuttle, shuttle, atomic);

impl Runtime for Shuttle {
    type AtomicU8 = Adapted<atomic::AtomicU8>;
    type AtomicU32 = Adapted<atomic::AtomicU32>;
    type AtomicU64 = Adapted<atomic::AtomicU64>;
    type AtomicUsize = Adapted<atomic::AtomicUsize>;
    type UnsafeCell<T: Send + 'static> = ShuttleUnsafeCell<T>;
    type Mutex<T: Send + 'static> = Adapted<shuttle::sync::Mutex<T>>;
    type Condvar = Adapted<shuttle::sync::Condvar>;
    type Arc<T: Send + Sync + 'static> = std::sync::Arc<T>;
    type JoinHandle<T: Send + 'static> = Adapted<shuttle::thread::JoinHandle<Outcome<T>>>;
    type Thread = Adapted<shuttle::thread::Thread>;

    const RUNS_ONE_AT_A_TIME: bool = true;

    #[track_caller]
    fn fence(ordering: Ordering) {
        atomic::fence(ordering);
    }

    #[track_caller]
    fn spawn<T, F>(body: F) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let known = reduction::take_spawning();
        let handle = shuttle::thread::spawn(|| locals::to_the_end(|| outcome_of(body)));
        if let Some(thread) = known {
            reduction::is_task(handle.thread().id().into(), thread);
        }
        Adapted(handle)
    }

    #[track_caller]
    fn current() -> Self::Thread {
        Adapted(shuttle::thread::current())
    }

    fn current_number() -> usize {
        shuttle::current::me().into()
    }

    #[track_caller]
    fn park() {
        shuttle::thread::park();
    }

    #[track_caller]
    fn yield_now() {
        shuttle::thread::yield_now();
    }

    fn ends_execution(panic: &(dyn Any + Send)) -> bool {
        !panic.is::<Deliberate>()
    }
}

impl Shuttle {
    /// Only loom is told of operations.
    fn performed() {}

    /// The scheduler knows which thread goes on.
    fn came_back() {}
}

impl<T> JoinHandle<T> for Adapted<shuttle::thread::JoinHandle<Outcome<T>>> {
    #[track_caller]
    fn join(self) -> T {
        handed_over(self.0.join().unwrap_or_else(|payload| resume_unwind(payload)))
    }
}

/// A cell that shuttle does not see: the closure style over [`core::cell::UnsafeCell`].
#[derive(Debug)]
pub struct ShuttleUnsafeCell<T>(cell::UnsafeCell<T>);

impl<T: Send + 'static> UnsafeCell<T> for ShuttleUnsafeCell<T> {
    #[track_caller]
    fn new(value: T) -> Self {
        ShuttleUnsafeCell(cell::UnsafeCell::new(value))
    }

    #[track_caller]
    fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        access(self.0.get())
    }

    #[track_caller]
    fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        access(self.0.get())
    }
}
