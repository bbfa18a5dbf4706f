//! What a request needs from its platform: atomics, cells, locks, shared ownership and threads.
//!
//! A request written against [`Runtime`] runs unchanged in production on [`Std`] and under every engine of the
//! suite, in one binary and without a `--cfg`. The names of the associated types are those of the standard
//! library, so that a request reads as if it had been written for `std::sync` with `R::` in front.
//!
//! # Example
//!
//! A counter that runs on any platform, here in production:
//!
//! ```
//! use std::sync::atomic::Ordering;
//!
//! use cancelproof_runtime::{Atomic, Runtime, Std};
//!
//! struct Counter<R: Runtime>(R::AtomicU32);
//!
//! impl<R: Runtime> Counter<R> {
//!     fn next(&self) -> u32 {
//!         self.0.fetch_add(1, Ordering::Relaxed)
//!     }
//! }
//!
//! let counter = Counter::<Std>(Atomic::new(7));
//! assert_eq!((counter.next(), counter.next()), (7, 8));
//! ```
//!
//! # What each platform promises
//!
//! - [`Std`] forwards to the standard library and adds nothing: every method is `#[inline]`, and each associated
//!   type but the cell *is* the standard one.
//! - Every other platform may stop the calling thread at any operation, run others, and continue. Code that
//!   blocks on something outside the runtime (a `std::sync::Mutex`, a channel, a sleep) blocks the engine itself.
//! - Every method is `#[track_caller]`: an engine that reports an operation names the line of the request that
//!   performed it, not a line of the platform.
//!
//! # What is left out, and why
//!
//! Time does not exist under an exhaustive engine, so there is no sleep and no timed wait. There are no `const`
//! constructors, because loom has none; hence no statics in code under test.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(feature = "std")]
mod standard;

use core::any::Any;
use core::fmt::Debug;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::Ordering;

#[cfg(feature = "std")]
pub use standard::{Std, StdUnsafeCell};

/// The guard that a lock of the runtime `R` hands out for a value of type `T`.
pub type MutexGuard<'a, R, T> = <<R as Runtime>::Mutex<T> as Mutex<T>>::Guard<'a>;

/// A platform that a request can run on.
///
/// # Example
///
/// ```
/// use cancelproof_runtime::{Atomic, Runtime, Std};
/// use core::sync::atomic::Ordering;
///
/// struct Flag<R: Runtime>(R::AtomicU8);
///
/// impl<R: Runtime> Flag<R> {
///     fn new() -> Self {
///         Flag(R::AtomicU8::new(0))
///     }
///     /// Returns whether this call raised the flag.
///     fn raise(&self) -> bool {
///         self.0.swap(1, Ordering::AcqRel) == 0
///     }
/// }
///
/// let flag = Flag::<Std>::new();
/// assert!(flag.raise());
/// assert!(!flag.raise());
/// ```
pub trait Runtime: Copy + Default + Debug + Send + Sync + 'static {
    /// An 8-bit atomic.
    type AtomicU8: Atomic<u8>;
    /// A 32-bit atomic.
    type AtomicU32: Atomic<u32>;
    /// A 64-bit atomic.
    type AtomicU64: Atomic<u64>;
    /// A pointer-sized atomic.
    type AtomicUsize: Atomic<usize>;
    /// A cell whose accesses an engine can check for data races.
    type UnsafeCell<T: Send + 'static>: UnsafeCell<T>;
    /// A lock.
    type Mutex<T: Send + 'static>: Mutex<T>;
    /// A condition variable that works with [`Runtime::Mutex`].
    type Condvar: Condvar<Self>;
    /// Shared ownership whose reference count an engine can see.
    type Arc<T: Send + Sync + 'static>: Arc<T>;
    /// The right to wait for a spawned thread.
    type JoinHandle<T: Send + 'static>: JoinHandle<T>;
    /// A thread that can be unparked.
    type Thread: Thread;

    /// Whether all threads of an execution run on one thread of the machine, one at a time.
    const RUNS_ONE_AT_A_TIME: bool;

    /// An atomic fence; see [`core::sync::atomic::fence`].
    ///
    /// # Panics
    ///
    /// Panics if `ordering` is [`Ordering::Relaxed`], as the standard fence does.
    #[track_caller]
    fn fence(ordering: Ordering);

    /// Starts a thread.
    #[track_caller]
    fn spawn<T, F>(body: F) -> Self::JoinHandle<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static;

    /// The calling thread, for another thread to unpark.
    #[track_caller]
    fn current() -> Self::Thread;

    /// The number of the calling thread: no other thread of an execution has it. Unlike [`Runtime::current`] it costs
    /// nothing to keep.
    fn current_number() -> usize;

    /// Blocks until the calling thread's token is available, and takes it.
    ///
    /// May return without a token (spuriously): callers re-check their condition.
    #[track_caller]
    fn park();

    /// Lets other threads run. A loop that waits for another thread must call this on every turn: an engine may
    /// otherwise run the loop for ever.
    #[track_caller]
    fn yield_now();

    /// Whether a panic is the platform's own way of ending an execution. Code that catches panics lets such a one
    /// go on at once, without another operation: there is nothing left to operate on.
    fn ends_execution(panic: &(dyn Any + Send)) -> bool;
}

/// An atomic integer of type `V`, as in [`core::sync::atomic`].
///
/// The panics are the standard library's: a load with a releasing ordering or a store with an acquiring one.
pub trait Atomic<V: Copy>: Debug + Send + Sync + 'static {
    /// An atomic that holds `value`.
    #[track_caller]
    fn new(value: V) -> Self;

    /// Reads the value.
    #[track_caller]
    fn load(&self, ordering: Ordering) -> V;

    /// Writes `value`.
    ///
    /// loom 0.7 explores impossible histories when a store races with a read-modify-write of the same atomic
    /// (loom issue 254). Drive a contended state word by read-modify-writes only.
    #[track_caller]
    fn store(&self, value: V, ordering: Ordering);

    /// Writes `value` and returns the previous one.
    #[track_caller]
    fn swap(&self, value: V, ordering: Ordering) -> V;

    /// Writes `new` if the value is `expected`.
    ///
    /// # Errors
    ///
    /// Returns the value that was found when it is not `expected`.
    #[track_caller]
    fn compare_exchange(&self, expected: V, new: V, success: Ordering, failure: Ordering) -> Result<V, V>;

    /// Writes `new` if the value is `expected`; may fail although it is.
    ///
    /// # Errors
    ///
    /// Returns the value that was found, which may be `expected` itself.
    #[track_caller]
    fn compare_exchange_weak(
        &self,
        expected: V,
        new: V,
        success: Ordering,
        failure: Ordering,
    ) -> Result<V, V>;

    /// Adds, wrapping around; returns the previous value.
    #[track_caller]
    fn fetch_add(&self, operand: V, ordering: Ordering) -> V;

    /// Subtracts, wrapping around; returns the previous value.
    #[track_caller]
    fn fetch_sub(&self, operand: V, ordering: Ordering) -> V;

    /// Keeps the bits that `operand` has; returns the previous value.
    #[track_caller]
    fn fetch_and(&self, operand: V, ordering: Ordering) -> V;

    /// Sets the bits that `operand` has; returns the previous value.
    #[track_caller]
    fn fetch_or(&self, operand: V, ordering: Ordering) -> V;

    /// Flips the bits that `operand` has; returns the previous value.
    #[track_caller]
    fn fetch_xor(&self, operand: V, ordering: Ordering) -> V;
}

/// A cell with interior mutability, in loom's closure style, so that an engine sees where each access begins and
/// ends and reports two accesses that are not ordered by happens-before.
///
/// Like [`core::cell::UnsafeCell`] it is not `Sync`: the owner that upholds the access rules says so with an
/// `unsafe impl` of its own.
pub trait UnsafeCell<T>: 'static {
    /// A cell that holds `value`.
    #[track_caller]
    fn new(value: T) -> Self;

    /// Gives the closure shared access. Dereferencing the pointer is sound while no other thread is inside
    /// [`UnsafeCell::with_mut`] of the same cell.
    #[track_caller]
    fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O;

    /// Gives the closure exclusive access. Dereferencing the pointer is sound while no other thread is inside any
    /// access to the same cell.
    #[track_caller]
    fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O;
}

/// A lock around a value. Poisoning is ignored: a request decides for itself what a panic in a callback means.
pub trait Mutex<T>: Send + Sync + 'static {
    /// Access to the value; the lock is released when the guard is dropped.
    type Guard<'a>: DerefMut<Target = T>
    where
        Self: 'a,
        T: 'a;

    /// An unlocked lock around `value`.
    #[track_caller]
    fn new(value: T) -> Self;

    /// Blocks until the lock is free, and takes it.
    #[track_caller]
    fn lock(&self) -> Self::Guard<'_>;
}

/// A condition variable.
pub trait Condvar<R: Runtime>: Debug + Send + Sync + 'static {
    /// A condition variable that nobody waits for.
    #[track_caller]
    fn new() -> Self;

    /// Releases the lock, blocks until notified, and takes the lock again. May return without a notification:
    /// callers re-check their condition.
    #[track_caller]
    fn wait<'a, T: Send + 'static>(&self, guard: MutexGuard<'a, R, T>) -> MutexGuard<'a, R, T>;

    /// Wakes one waiting thread, if there is one.
    #[track_caller]
    fn notify_one(&self);

    /// Wakes every waiting thread.
    #[track_caller]
    fn notify_all(&self);
}

/// Shared ownership.
pub trait Arc<T>: Clone + Deref<Target = T> + Send + Sync + 'static {
    /// The first reference to `value`.
    #[track_caller]
    fn new(value: T) -> Self;
}

/// The right to wait for a thread.
pub trait JoinHandle<T> {
    /// Blocks until the thread has ended and returns what its body returned.
    ///
    /// # Panics
    ///
    /// Panics with the thread's own payload if its body panicked.
    #[track_caller]
    fn join(self) -> T;
}

/// A thread that can be unparked.
pub trait Thread: Clone + Debug + Send + Sync + 'static {
    /// Makes the thread's token available; wakes the thread if it is parked.
    #[track_caller]
    fn unpark(&self);

    /// Whether both are the same thread.
    fn is_same(&self, other: &Self) -> bool;
}
