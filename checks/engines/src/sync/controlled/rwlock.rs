//! Locks that can be shared; see [`std::sync::RwLock`].

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, TryLockError, TryLockResult};

use super::lock::{answer, refuse_left_over};
use super::poison::{Flag, Guarding};
use crate::executor::controlled::raw::{At, RawLock};
use crate::executor::controlled::timed;
use crate::operation::Action;

/// A lock that many readers share, or one writer has; see [`std::sync::RwLock`]. No side is preferred: every order in
/// which they could get it is explored.
///
/// In a static the same holds as for a [`Mutex`](super::Mutex).
pub struct RwLock<T: ?Sized> {
    lock: RawLock,
    flag: Flag,
    value: UnsafeCell<T>,
}

// SAFETY: as for a `Mutex`; shared guards give shared access, so other threads must be allowed that as well.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

/// Shared access; see [`std::sync::RwLockReadGuard`].
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    at: At,
    stays: PhantomData<*const ()>,
}

/// Exclusive access; see [`std::sync::RwLockWriteGuard`].
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    guarding: Guarding,
    at: At,
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives shared access only.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}
// SAFETY: a shared guard gives shared access only.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

impl<T> RwLock<T> {
    /// A free lock around `value`.
    pub const fn new(value: T) -> Self {
        RwLock { lock: RawLock::new(), flag: Flag::new(), value: UnsafeCell::new(value) }
    }

    /// What the lock protects.
    ///
    /// # Errors
    ///
    /// If a thread panicked while it had the lock for writing.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.flag.is_set();
        answer(self.value.into_inner(), poisoned)
    }
}

#[allow(
    clippy::missing_errors_doc,
    reason = "as the standard library: if a writer panicked, or the lock is not free"
)]
impl<T: ?Sized> RwLock<T> {
    /// Blocks until no writer has the lock, and takes a share of it.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let at = Location::caller();
        refuse_left_over(&self.lock, self.value.get());
        self.lock.perform(Action::LockShared, at);
        self.reading(at)
    }

    /// Takes a share of the lock if no writer has it.
    #[track_caller]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let at = Location::caller();
        refuse_left_over(&self.lock, self.value.get());
        if self.lock.perform(Action::TryLockShared, at) {
            Ok(self.reading(at)?)
        } else {
            Err(TryLockError::WouldBlock)
        }
    }

    /// Blocks until the lock is free, and takes it.
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let at = Location::caller();
        refuse_left_over(&self.lock, self.value.get());
        self.lock.perform(Action::Lock, at);
        self.writing(at)
    }

    /// Takes the lock if it is free.
    #[track_caller]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let at = Location::caller();
        refuse_left_over(&self.lock, self.value.get());
        if self.lock.perform(Action::TryLock, at) {
            Ok(self.writing(at)?)
        } else {
            Err(TryLockError::WouldBlock)
        }
    }

    fn reading(&self, at: At) -> LockResult<RwLockReadGuard<'_, T>> {
        answer(RwLockReadGuard { lock: self, at, stays: PhantomData }, self.flag.is_set())
    }

    fn writing(&self, at: At) -> LockResult<RwLockWriteGuard<'_, T>> {
        let guarding = self.flag.guard();
        answer(RwLockWriteGuard { lock: self, guarding, at, stays: PhantomData }, self.flag.is_set())
    }

    /// Whether a writer panicked.
    pub fn is_poisoned(&self) -> bool {
        self.flag.is_set()
    }

    /// Forgets that a writer panicked.
    pub fn clear_poison(&self) {
        self.flag.clear();
    }

    /// What the lock protects; there is nobody else to lock it.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.flag.is_set();
        answer(self.value.get_mut(), poisoned)
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwLock").finish_non_exhaustive()
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the task has a share of the lock, so no task has it alone.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the task has the lock alone.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // As of a mutex: no turn that changes what is here repeats the one before.
        timed::touched();
        // SAFETY: the task has the lock alone, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLockWriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.lock.perform(Action::UnlockShared, self.at);
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        self.lock.flag.done(self.guarding);
        self.lock.lock.perform(Action::Unlock, self.at);
    }
}
