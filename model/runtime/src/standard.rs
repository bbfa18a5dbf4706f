//! The production platform: the standard library, at no cost.

use core::any::Any;
use core::cell;
use core::sync::atomic::{self, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
use std::panic::resume_unwind;
use std::sync::{self, PoisonError};
use std::thread;

use super::{
    Arc, Atomic, AtomicBool, AtomicPtr, Condvar, JoinHandle, Mutex, MutexGuard, Runtime, Thread, UnsafeCell,
};

/// The standard library as a [`Runtime`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Std;

impl Runtime for Std {
    type AtomicU8 = AtomicU8;
    type AtomicU32 = AtomicU32;
    type AtomicU64 = AtomicU64;
    type AtomicUsize = AtomicUsize;
    type AtomicBool = atomic::AtomicBool;
    type AtomicPtr<T: 'static> = atomic::AtomicPtr<T>;
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

/// Forwards methods of a trait to the inherent ones of a standard atomic; an inherent method wins over the trait's, so none of
/// these calls itself.
macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),+) -> $result:ty;)+) => {$(
        #[inline]
        #[track_caller]
        fn $name(&self, $($argument: $kind),+) -> $result {
            self.$name($($argument),+)
        }
    )+};
}

/// Forwards what every atomic has.
macro_rules! forward_common {
    ($atomic:ty, $value:ty) => {
        #[inline]
        #[track_caller]
        fn new(value: $value) -> Self {
            <$atomic>::new(value)
        }

        forward! {
            load(ordering: Ordering) -> $value;
            store(value: $value, ordering: Ordering) -> ();
            swap(value: $value, ordering: Ordering) -> $value;
            compare_exchange(
                expected: $value, new: $value, success: Ordering, failure: Ordering
            ) -> Result<$value, $value>;
            compare_exchange_weak(
                expected: $value, new: $value, success: Ordering, failure: Ordering
            ) -> Result<$value, $value>;
        }
    };
}

macro_rules! forward_integer {
    ($atomic:ty, $value:ty) => {
        impl Atomic<$value> for $atomic {
            forward_common!($atomic, $value);
            forward! {
                fetch_add(operand: $value, ordering: Ordering) -> $value;
                fetch_sub(operand: $value, ordering: Ordering) -> $value;
                fetch_and(operand: $value, ordering: Ordering) -> $value;
                fetch_or(operand: $value, ordering: Ordering) -> $value;
                fetch_xor(operand: $value, ordering: Ordering) -> $value;
            }
        }
    };
}

forward_integer!(AtomicU8, u8);
forward_integer!(AtomicU32, u32);
forward_integer!(AtomicU64, u64);
forward_integer!(AtomicUsize, usize);

impl AtomicBool for atomic::AtomicBool {
    forward_common!(atomic::AtomicBool, bool);
    forward! {
        fetch_and(operand: bool, ordering: Ordering) -> bool;
        fetch_nand(operand: bool, ordering: Ordering) -> bool;
        fetch_or(operand: bool, ordering: Ordering) -> bool;
        fetch_xor(operand: bool, ordering: Ordering) -> bool;
    }
}

impl<T: 'static> AtomicPtr<T> for atomic::AtomicPtr<T> {
    forward_common!(atomic::AtomicPtr<T>, *mut T);
}

/// [`core::cell::UnsafeCell`] with the closure style of [`UnsafeCell`].
#[derive(Debug)]
pub struct StdUnsafeCell<T>(cell::UnsafeCell<T>);

#[allow(clippy::inline_always, reason = "they are nothing but the access")]
impl<T> StdUnsafeCell<T> {
    /// A cell that holds `value`.
    #[inline(always)]
    pub const fn new(value: T) -> Self {
        StdUnsafeCell(cell::UnsafeCell::new(value))
    }

    /// The value.
    #[inline(always)]
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Gives the closure shared access; see [`UnsafeCell::with`].
    #[inline(always)]
    pub fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        access(self.0.get())
    }

    /// Gives the closure exclusive access; see [`UnsafeCell::with_mut`].
    #[inline(always)]
    pub fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        access(self.0.get())
    }
}

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
