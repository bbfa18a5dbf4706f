//! The engines of others as platforms: a request runs on [`Loom`] and [`Shuttle`] as it runs on
//! [`Std`](cancelproof_runtime::Std), in one binary and without a `--cfg`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

#[cfg(feature = "loom-shape")]
pub(crate) mod loom;
#[doc(hidden)]
pub mod reduction;
#[cfg(feature = "shuttle")]
mod shuttle;

#[cfg(feature = "loom-shape")]
pub use self::loom::Loom;
#[cfg(feature = "shuttle")]
pub use self::shuttle::{Shuttle, ShuttleUnsafeCell};

/// The most threads that loom runs, the main one included.
pub const LOOM_THREADS_MAX: usize = 5;

/// What modelled code runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Real threads.
    Std,
    /// loom.
    Loom,
    /// shuttle.
    Shuttle,
    /// The executor of this suite.
    Controlled,
}

/// A panic that a modelled program throws on purpose. Every other panic under an engine ends the execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deliberate;

/// What the body of a thread came to.
pub(crate) type Outcome<T> = Result<T, Deliberate>;

/// Runs the body of a thread. A panic on purpose is kept for whoever waits for the thread, as one of a thread of the machine is; every
/// other one goes on and ends the execution.
pub(crate) fn outcome_of<T>(body: impl FnOnce() -> T) -> Outcome<T> {
    let result = catch_unwind(AssertUnwindSafe(body));
    result.map_err(|panic| match panic.downcast::<Deliberate>() {
        Ok(deliberate) => *deliberate,
        Err(other) => resume_unwind(other),
    })
}

/// What somebody who has waited for a thread goes on with.
pub(crate) fn handed_over<T>(outcome: Outcome<T>) -> T {
    outcome.unwrap_or_else(|panic| resume_unwind(Box::new(panic)))
}

/// A type of another crate on which this crate implements the traits of the runtime. The language allows neither
/// crate's traits on the other's types without such a wrapper.
#[derive(Clone, Debug)]
pub struct Adapted<T>(pub T);

/// Implements the runtime's traits for the types of a crate that keeps the names of the standard library, and for
/// atomics of a module.
#[cfg(any(feature = "loom-shape", feature = "shuttle"))]
macro_rules! forward_to_crate {
    ($platform:ident, $name:ident, $atomics:ident) => {
        forward_to_crate!(@atomic $atomics, AtomicU8, u8);
        forward_to_crate!(@atomic $atomics, AtomicU32, u32);
        forward_to_crate!(@atomic $atomics, AtomicU64, u64);
        forward_to_crate!(@atomic $atomics, AtomicUsize, usize);

        impl<T: Send + 'static> Mutex<T> for Adapted<$name::sync::Mutex<T>> {
            type Guard<'a> = $name::sync::MutexGuard<'a, T>;

            #[track_caller]
            fn new(value: T) -> Self {
                Adapted($name::sync::Mutex::new(value))
            }

            #[track_caller]
            fn lock(&self) -> Self::Guard<'_> {
                let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                $platform::performed();
                guard
            }
        }

        impl Condvar<$platform> for Adapted<$name::sync::Condvar> {
            #[track_caller]
            fn new() -> Self {
                Adapted($name::sync::Condvar::new())
            }

            #[track_caller]
            fn wait<'a, T: Send + 'static>(
                &self,
                guard: MutexGuard<'a, $platform, T>,
            ) -> MutexGuard<'a, $platform, T> {
                let guard = self.0.wait(guard).unwrap_or_else(PoisonError::into_inner);
                $platform::came_back();
                guard
            }

            #[track_caller]
            fn notify_one(&self) {
                self.0.notify_one();
                $platform::came_back();
            }

            #[track_caller]
            fn notify_all(&self) {
                self.0.notify_all();
                $platform::came_back();
            }
        }

        impl Thread for Adapted<$name::thread::Thread> {
            #[track_caller]
            fn unpark(&self) {
                self.0.unpark();
                $platform::came_back();
            }

            fn is_same(&self, other: &Self) -> bool {
                self.0.id() == other.0.id()
            }
        }
    };
    (@atomic $atomics:ident, $atomic:ident, $value:ty) => {
        impl Atomic<$value> for Adapted<$atomics::$atomic> {
            #[track_caller]
            fn new(value: $value) -> Self {
                Adapted($atomics::$atomic::new(value))
            }

            #[track_caller]
            fn load(&self, ordering: Ordering) -> $value {
                self.0.load(ordering)
            }

            #[track_caller]
            fn store(&self, value: $value, ordering: Ordering) {
                self.0.store(value, ordering);
            }

            #[track_caller]
            fn swap(&self, value: $value, ordering: Ordering) -> $value {
                self.0.swap(value, ordering)
            }

            #[track_caller]
            fn compare_exchange(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.0.compare_exchange(expected, new, success, failure)
            }

            #[track_caller]
            fn compare_exchange_weak(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.0.compare_exchange_weak(expected, new, success, failure)
            }

            #[track_caller]
            fn fetch_add(&self, operand: $value, ordering: Ordering) -> $value {
                self.0.fetch_add(operand, ordering)
            }

            #[track_caller]
            fn fetch_sub(&self, operand: $value, ordering: Ordering) -> $value {
                self.0.fetch_sub(operand, ordering)
            }

            #[track_caller]
            fn fetch_and(&self, operand: $value, ordering: Ordering) -> $value {
                self.0.fetch_and(operand, ordering)
            }

            #[track_caller]
            fn fetch_or(&self, operand: $value, ordering: Ordering) -> $value {
                self.0.fetch_or(operand, ordering)
            }

            #[track_caller]
            fn fetch_xor(&self, operand: $value, ordering: Ordering) -> $value {
                self.0.fetch_xor(operand, ordering)
            }
        }
    };
}

#[cfg(any(feature = "loom-shape", feature = "shuttle"))]
use forward_to_crate;
