//! A runtime wrapped around a runtime, through which somebody can look: [`Lens`].
//!
//! Code that runs on `Lens<R>` runs on `R`; the lens reports every operation to an [`Observer`], before it is
//! performed and after, and numbers objects and tasks in the order of their creation. An observer is installed for
//! one run of a body by [`observe`]. Without one, a lens costs each operation the reading of one thread-local flag.
//!
//! What observers are for: tracing; telling a scheduler what each task will do next (shuttle's own schedulers know
//! only who is runnable); and changing what an operation does, to see whether anybody notices. An observer may
//! weaken the orderings of an operation; more is not supported yet, though [`Observer::before`] leaves room for it.
//!
//! # Who is who
//!
//! Where tasks are coroutines on one operating-system thread, the observer is that thread's, and the platform
//! knows which task runs. Where they are real threads, a spawned thread inherits the observer of its parent. Both
//! are hidden behind [`Platform`].

mod atomic;
mod objects;
mod session;
mod thread;

use core::any::Any;
use core::marker::PhantomData;
use core::panic::Location;
use core::sync::atomic::Ordering;

use cancelproof_runtime::Runtime;

use self::session::Looking;
use crate::executor::standing;
use crate::operation::{Action, TaskId};

pub use self::atomic::{LensAtomic, Observable};
pub use self::objects::{LensArc, LensCondvar, LensMutex, LensMutexGuard, LensUnsafeCell};
pub use self::session::{Observer, observe, restart};
pub use self::thread::{LensJoinHandle, LensThread};

/// The platform `R`, observed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lens<R>(PhantomData<R>);

/// What a lens must know of the platform beneath.
pub trait Platform: Runtime {
    /// The task that runs: the one given to [`Platform::enter`], or 0 in the main task.
    fn task() -> TaskId;

    /// Called by a spawned task before its body, with its number.
    fn enter(task: TaskId);
}

impl<R: Platform> Runtime for Lens<R> {
    type AtomicU8 = LensAtomic<u8, R>;
    type AtomicU32 = LensAtomic<u32, R>;
    type AtomicU64 = LensAtomic<u64, R>;
    type AtomicUsize = LensAtomic<usize, R>;
    type UnsafeCell<T: Send + 'static> = LensUnsafeCell<T, R>;
    type Mutex<T: Send + 'static> = LensMutex<T, R>;
    type Condvar = LensCondvar<R>;
    type Arc<T: Send + Sync + 'static> = LensArc<T, R>;
    type JoinHandle<T: Send + 'static> = LensJoinHandle<T, R>;
    type Thread = LensThread<R>;

    const RUNS_ONE_AT_A_TIME: bool = R::RUNS_ONE_AT_A_TIME;

    #[track_caller]
    fn fence(ordering: Ordering) {
        let look = Looking::before::<R>(Action::Fence { ordering }, None, Location::caller());
        let ordering = match &look {
            Some(Looking { operation, .. }) => match operation.action {
                Action::Fence { ordering } => ordering,
                _ => ordering,
            },
            None => ordering,
        };
        R::fence(ordering);
        Looking::after(look, Ok(0));
    }

    #[track_caller]
    fn spawn<T, F>(body: F) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        thread::spawn::<R, T, F>(body, Location::caller())
    }

    #[track_caller]
    fn current() -> Self::Thread {
        LensThread::new(R::current(), R::task())
    }

    fn current_number() -> usize {
        R::current_number()
    }

    #[track_caller]
    fn park() {
        let look = Looking::before::<R>(Action::Park, None, Location::caller());
        R::park();
        Looking::after(look, Ok(0));
    }

    #[track_caller]
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "see `standing::note`")]
    fn yield_now() {
        standing::note();
        thread::yield_now::<R>(Location::caller());
    }

    fn ends_execution(panic: &(dyn Any + Send)) -> bool {
        R::ends_execution(panic)
    }
}

#[cfg(all(test, feature = "loom", feature = "shuttle"))]
mod tests;
