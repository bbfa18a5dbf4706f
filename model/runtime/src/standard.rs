//! The production platform: the standard library, at no cost.

use core::any::Any;
use core::cell;
use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
use std::panic::resume_unwind;
use std::sync::{self, PoisonError};
use std::thread;

use super::{Arc, Atomic, Condvar, JoinHandle, Mutex, MutexGuard, Runtime, Thread, UnsafeCell};

/// The standard library as a [`Runtime`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Std;

impl Runtime for Std {
    type AtomicU8 = AtomicU8;
    type AtomicU32 = AtomicU32;
    type AtomicU64 = AtomicU64;
    type AtomicUsize = AtomicUsize;
    type UnsafeCell<T: Send + 'static> = StdUnsafeCell<T>;
    type Mutex<T: Send + 'static> = sync::Mutex<T>;
    type Condvar = sync::Condvar;
    type Arc<T: Send + Sync + 'static> = sync::Arc<T>;
    type JoinHandle<T: Send + 'static> = thread::JoinHandle<T>;
    type Thread = thread::Thread;

    const RUNS_ONE_AT_A_TIME: bool = false;

    #[inline]
    #[track_caller]
    fn fence(ordering: Ordering) {
        fence(ordering);
    }

    #[inline]
    #[track_caller]
    fn spawn<T, F>(body: F) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        thread::spawn(body)
    }

    #[inline]
    #[track_caller]
    fn current() -> Self::Thread {
        thread::current()
    }

    #[inline]
    fn current_number() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        NUMBER.with(|number| *number)
    }

    #[inline]
    #[track_caller]
    fn park() {
        thread::park();
    }

    #[inline]
    #[track_caller]
    fn yield_now() {
        thread::yield_now();
    }

    #[inline]
    fn ends_execution(_panic: &(dyn Any + Send)) -> bool {
        false
    }
}

/// Forwards [`Atomic`] to the inherent methods of a standard atomic; an inherent method wins over the trait's, so
/// none of these calls itself.
macro_rules! forward_atomic {
    ($atomic:ty, $value:ty) => {
        impl Atomic<$value> for $atomic {
            #[inline]
            #[track_caller]
            fn new(value: $value) -> Self {
                <$atomic>::new(value)
            }

            #[inline]
            #[track_caller]
            fn load(&self, ordering: Ordering) -> $value {
                self.load(ordering)
            }

            #[inline]
            #[track_caller]
            fn store(&self, value: $value, ordering: Ordering) {
                self.store(value, ordering);
            }

            #[inline]
            #[track_caller]
            fn swap(&self, value: $value, ordering: Ordering) -> $value {
                self.swap(value, ordering)
            }

            #[inline]
            #[track_caller]
            fn compare_exchange(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(expected, new, success, failure)
            }

            #[inline]
            #[track_caller]
            fn compare_exchange_weak(
                &self,
                expected: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange_weak(expected, new, success, failure)
            }

            #[inline]
            #[track_caller]
            fn fetch_add(&self, operand: $value, ordering: Ordering) -> $value {
                self.fetch_add(operand, ordering)
            }

            #[inline]
            #[track_caller]
            fn fetch_sub(&self, operand: $value, ordering: Ordering) -> $value {
                self.fetch_sub(operand, ordering)
            }

            #[inline]
            #[track_caller]
            fn fetch_and(&self, operand: $value, ordering: Ordering) -> $value {
                self.fetch_and(operand, ordering)
            }

            #[inline]
            #[track_caller]
            fn fetch_or(&self, operand: $value, ordering: Ordering) -> $value {
                self.fetch_or(operand, ordering)
            }

            #[inline]
            #[track_caller]
            fn fetch_xor(&self, operand: $value, ordering: Ordering) -> $value {
                self.fetch_xor(operand, ordering)
            }
        }
    };
}

forward_atomic!(AtomicU8, u8);
forward_atomic!(AtomicU32, u32);
forward_atomic!(AtomicU64, u64);
forward_atomic!(AtomicUsize, usize);

/// [`core::cell::UnsafeCell`] with the closure style of [`UnsafeCell`].
#[derive(Debug)]
pub struct StdUnsafeCell<T>(cell::UnsafeCell<T>);

impl<T: Send + 'static> UnsafeCell<T> for StdUnsafeCell<T> {
    #[inline]
    #[track_caller]
    fn new(value: T) -> Self {
        StdUnsafeCell(cell::UnsafeCell::new(value))
    }

    #[inline]
    #[track_caller]
    fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        access(self.0.get())
    }

    #[inline]
    #[track_caller]
    fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        access(self.0.get())
    }
}

impl<T: Send + 'static> Mutex<T> for sync::Mutex<T> {
    type Guard<'a> = sync::MutexGuard<'a, T>;

    #[inline]
    #[track_caller]
    fn new(value: T) -> Self {
        sync::Mutex::new(value)
    }

    #[inline]
    #[track_caller]
    fn lock(&self) -> Self::Guard<'_> {
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Condvar<Std> for sync::Condvar {
    #[inline]
    #[track_caller]
    fn new() -> Self {
        sync::Condvar::new()
    }

    #[inline]
    #[track_caller]
    fn wait<'a, T: Send + 'static>(&self, guard: MutexGuard<'a, Std, T>) -> MutexGuard<'a, Std, T> {
        self.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    #[track_caller]
    fn notify_one(&self) {
        self.notify_one();
    }

    #[inline]
    #[track_caller]
    fn notify_all(&self) {
        self.notify_all();
    }
}

impl<T: Send + Sync + 'static> Arc<T> for sync::Arc<T> {
    #[inline]
    #[track_caller]
    fn new(value: T) -> Self {
        sync::Arc::new(value)
    }
}

impl<T> JoinHandle<T> for thread::JoinHandle<T> {
    #[inline]
    #[track_caller]
    fn join(self) -> T {
        self.join().unwrap_or_else(|payload| resume_unwind(payload))
    }
}

impl Thread for thread::Thread {
    #[inline]
    #[track_caller]
    fn unpark(&self) {
        self.unpark();
    }

    #[inline]
    fn is_same(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}
