//! loom as a platform: exhaustive under a weak memory model of its own, at most five threads.
//!
//! Everything is loom's own, the shared ownership included, so that leaks and drops are its to judge; but at a load loom
//! is told what it would forget ([`loads`]), and it joins threads without an operation ([`join`]). Code whose reference counts are not the subject shares through
//! `std::sync::Arc` instead: that costs loom a tenth of the executions.

mod join;
mod loads;
mod shared;

use core::any::Any;
use core::cell::Cell;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::PoisonError;

use cancelproof_runtime::{Atomic, Condvar, Mutex, MutexGuard, Runtime, Thread, UnsafeCell};

use super::{Adapted, Deliberate, forward_to_crate};
use crate::locals;
use crate::platform::reduction;

/// loom as a [`Runtime`]. Its objects exist only inside `loom::model` or `loom::model::Builder::check`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loom;

std::thread_local! {
    /// Whether a thread of loom's has yielded, on this thread of the machine.
    static YIELDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a thread has yielded since this was asked last. loom lets a thread that yields wait until others have gone on,
/// and so leaves out the executions in which it goes on at once.
#[cfg_attr(not(feature = "loom"), allow(dead_code, reason = "only the engine asks"))]
pub(crate) fn take_yielded() -> bool {
    YIELDED.replace(false)
}

/// Likewise, and leaves it to be asked again.
#[cfg_attr(not(feature = "loom"), allow(dead_code, reason = "only the engine asks"))]
pub(crate) fn has_yielded() -> bool {
    YIELDED.get()
}

forward_to_crate!(Loom, loom, loads);

impl Runtime for Loom {
    type AtomicU8 = Adapted<loads::AtomicU8>;
    type AtomicU32 = Adapted<loads::AtomicU32>;
    type AtomicU64 = Adapted<loads::AtomicU64>;
    type AtomicUsize = Adapted<loads::AtomicUsize>;
    type UnsafeCell<T: Send + 'static> = Adapted<loom::cell::UnsafeCell<T>>;
    type Mutex<T: Send + 'static> = Adapted<loom::sync::Mutex<T>>;
    type Condvar = Adapted<loom::sync::Condvar>;
    type Arc<T: Send + Sync + 'static> = shared::Shared<T>;
    type JoinHandle<T: Send + 'static> = join::JoinHandle<T>;
    type Thread = Adapted<loom::thread::Thread>;

    const RUNS_ONE_AT_A_TIME: bool = true;

    #[track_caller]
    fn fence(ordering: Ordering) {
        loom::sync::atomic::fence(ordering);
    }

    #[track_caller]
    fn spawn<T, F>(body: F) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        join::spawn(body)
    }

    #[track_caller]
    fn current() -> Self::Thread {
        Adapted(loom::thread::current())
    }

    fn current_number() -> usize {
        // loom does not tell a thread's number, but keeps values for each thread.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        loom::thread_local! {
            static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        NUMBER.with(|number| *number)
    }

    #[track_caller]
    fn park() {
        loom::thread::park();
        Self::came_back();
    }

    #[track_caller]
    fn yield_now() {
        YIELDED.set(true);
        loom::thread::yield_now();
        Self::came_back();
    }

    fn ends_execution(panic: &(dyn Any + Send)) -> bool {
        !panic.is::<Deliberate>()
    }
}

impl Loom {
    /// The calling thread has performed an operation.
    fn performed() {
        reduction::performed_on_loom();
        Self::came_back();
    }

    /// The calling thread goes on after an operation, in which others may have run.
    #[inline]
    pub(crate) fn came_back() {
        locals::goes_on(Self::current_number);
    }
}

impl<T: Send + 'static> UnsafeCell<T> for Adapted<loom::cell::UnsafeCell<T>> {
    #[track_caller]
    fn new(value: T) -> Self {
        Adapted(loom::cell::UnsafeCell::new(value))
    }

    #[track_caller]
    fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        self.0.with(access)
    }

    #[track_caller]
    fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        self.0.with_mut(access)
    }
}
