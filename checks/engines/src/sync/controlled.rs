//! The executor of this suite, in the shape of `std::sync`.

use std::sync::LockResult;

use cancelproof_runtime::{self as runtime, Condvar as _, Mutex as _, Runtime};

use crate::executor::Controlled;

pub use crate::controlled_thread_local as thread_local;
pub use crate::executor::{ControlledArc as Arc, ControlledLocalKey as LocalKey, ControlledWeak as Weak};

/// A lock; see [`std::sync::Mutex`]. It is never poisoned.
pub struct Mutex<T: Send + 'static>(<Controlled as Runtime>::Mutex<T>);

/// The guard of a [`Mutex`].
pub type MutexGuard<'a, T> = runtime::MutexGuard<'a, Controlled, T>;

impl<T: Send + 'static> Mutex<T> {
    /// An unlocked lock around `value`.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Mutex(<Controlled as Runtime>::Mutex::new(value))
    }

    /// Blocks until the lock is free, and takes it.
    ///
    /// # Errors
    ///
    /// None: the lock is never poisoned.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(self.0.lock())
    }
}

impl<T: Send + Default + 'static> Default for Mutex<T> {
    #[track_caller]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

/// A condition variable; see [`std::sync::Condvar`].
#[derive(Debug)]
pub struct Condvar(<Controlled as Runtime>::Condvar);

impl Condvar {
    /// A condition variable that nobody waits for.
    #[must_use]
    #[track_caller]
    #[allow(clippy::new_without_default, reason = "each one is an object of the place that makes it")]
    pub fn new() -> Self {
        Condvar(<Controlled as Runtime>::Condvar::new())
    }

    /// Releases the lock, blocks until notified, and takes the lock again.
    ///
    /// # Errors
    ///
    /// None: the lock is never poisoned.
    #[track_caller]
    pub fn wait<'a, T: Send + 'static>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(self.0.wait(guard))
    }

    /// Wakes one waiting thread, if there is one.
    #[track_caller]
    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes every waiting thread.
    #[track_caller]
    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// Atomics; see [`std::sync::atomic`].
pub mod atomic {
    use cancelproof_runtime::{Atomic, Runtime};

    use crate::executor::Controlled;

    pub use std::sync::atomic::Ordering;

    /// An atomic fence; see [`std::sync::atomic::fence`].
    #[track_caller]
    pub fn fence(ordering: Ordering) {
        Controlled::fence(ordering);
    }

    macro_rules! shaped {
        ($($name:ident, $value:ty;)+) => {$(
            #[doc = concat!("See [`std::sync::atomic::", stringify!($name), "`].")]
            #[derive(Debug)]
            pub struct $name(<Controlled as Runtime>::$name);

            #[allow(missing_docs, reason = "the methods are the standard library's")]
            #[allow(clippy::missing_errors_doc, reason = "the methods are the standard library's")]
            impl $name {
                #[must_use]
                #[track_caller]
                pub fn new(value: $value) -> Self {
                    $name(Atomic::new(value))
                }

                #[must_use]
                #[track_caller]
                pub fn load(&self, ordering: Ordering) -> $value {
                    self.0.load(ordering)
                }

                #[track_caller]
                pub fn store(&self, value: $value, ordering: Ordering) {
                    self.0.store(value, ordering);
                }

                #[track_caller]
                pub fn swap(&self, value: $value, ordering: Ordering) -> $value {
                    self.0.swap(value, ordering)
                }

                #[track_caller]
                pub fn compare_exchange(
                    &self,
                    expected: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    self.0.compare_exchange(expected, new, success, failure)
                }

                #[track_caller]
                pub fn compare_exchange_weak(
                    &self,
                    expected: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    self.0.compare_exchange_weak(expected, new, success, failure)
                }

                #[track_caller]
                pub fn fetch_add(&self, operand: $value, ordering: Ordering) -> $value {
                    self.0.fetch_add(operand, ordering)
                }

                #[track_caller]
                pub fn fetch_sub(&self, operand: $value, ordering: Ordering) -> $value {
                    self.0.fetch_sub(operand, ordering)
                }

                #[track_caller]
                pub fn fetch_and(&self, operand: $value, ordering: Ordering) -> $value {
                    self.0.fetch_and(operand, ordering)
                }

                #[track_caller]
                pub fn fetch_or(&self, operand: $value, ordering: Ordering) -> $value {
                    self.0.fetch_or(operand, ordering)
                }

                #[track_caller]
                pub fn fetch_xor(&self, operand: $value, ordering: Ordering) -> $value {
                    self.0.fetch_xor(operand, ordering)
                }
            }
        )+};
    }

    shaped! {
        AtomicU8, u8;
        AtomicU32, u32;
        AtomicU64, u64;
        AtomicUsize, usize;
    }
}
