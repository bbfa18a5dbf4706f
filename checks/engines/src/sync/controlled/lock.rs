//! Locks, and what waits under them; see [`std::sync`].

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};
use std::time::Duration;

use super::poison::{Flag, Guarding};
use crate::executor::controlled::raw::{At, RawCondvar, RawLock};
use crate::executor::controlled::timed;
use crate::operation::Action;

/// A lock; see [`std::sync::Mutex`].
///
/// It may stand in a static, but what it protects does not begin anew in each execution: unless that has no size, an
/// execution that finds a lock which another one has used panics and says so.
pub struct Mutex<T: ?Sized> {
    lock: RawLock,
    flag: Flag,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by a guard or an exclusive reference only, and the executor gives the lock to one task at
// a time. A lock belongs to the execution that uses it, and an execution runs on one thread of the machine.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

/// The guard of a [`Mutex`].
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    guarding: Guarding,
    /// Where the lock was taken: a drop has no caller of its own.
    at: At,
    /// As the standard guard, it stays with the thread that took it.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives shared access only.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T> Mutex<T> {
    /// An unlocked lock around `value`.
    pub const fn new(value: T) -> Self {
        Mutex { lock: RawLock::new(), flag: Flag::new(), value: UnsafeCell::new(value) }
    }

    /// What the lock protects.
    ///
    /// # Errors
    ///
    /// If a thread panicked while it held the lock.
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.flag.is_set();
        answer(self.value.into_inner(), poisoned)
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Blocks until the lock is free, and takes it.
    ///
    /// # Errors
    ///
    /// If a thread panicked while it held the lock.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        refuse_left_over(&self.lock, self.value.get());
        self.lock.perform(Action::Lock, at);
        self.guard(at)
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// If it is not, or a thread panicked while it held the lock.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let at = Location::caller();
        refuse_left_over(&self.lock, self.value.get());
        if self.lock.perform(Action::TryLock, at) {
            Ok(self.guard(at)?)
        } else {
            Err(TryLockError::WouldBlock)
        }
    }

    fn guard(&self, at: At) -> LockResult<MutexGuard<'_, T>> {
        let guard = MutexGuard { mutex: self, guarding: self.flag.guard(), at, stays: PhantomData };
        answer(guard, self.flag.is_set())
    }

    /// Whether a thread panicked while it held the lock.
    pub fn is_poisoned(&self) -> bool {
        self.flag.is_set()
    }

    /// Forgets that a thread panicked.
    pub fn clear_poison(&self) {
        self.flag.clear();
    }

    /// What the lock protects; there is nobody else to lock it.
    ///
    /// # Errors
    ///
    /// If a thread panicked while it held the lock.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.flag.is_set();
        answer(self.value.get_mut(), poisoned)
    }
}

/// A result of the standard library's locks.
pub(super) fn answer<T>(value: T, poisoned: bool) -> LockResult<T> {
    if poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
}

/// What a static protects does not begin anew: an execution that went on with what another one left would not be what
/// the code does.
#[track_caller]
pub(super) fn refuse_left_over<T: ?Sized>(lock: &RawLock, value: *const T) {
    // SAFETY: the pointer comes from a reference to the lock around the value; only the size is asked for.
    let has_size = size_of_val(unsafe { &*value }) > 0;
    assert!(
        !has_size || !lock.is_left_over(),
        "this lock was used by another execution, and what it protects is as that one left it: make it in the body, or in \
         cancelproof's `lazy_static!`, where it begins anew"
    );
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To look inside would be an operation.
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the task that has this guard holds the lock.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // What is changed here is not on the task's stack, and no turn that changes it repeats the one before.
        timed::touched();
        // SAFETY: the task that has this guard holds the lock, and the guard is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.flag.done(self.guarding);
        self.mutex.lock.perform(Action::Unlock, self.at);
    }
}

/// A condition variable; see [`std::sync::Condvar`].
#[derive(Debug)]
pub struct Condvar(RawCondvar);

/// Whether a timed wait ended because its time was over; see [`std::sync::WaitTimeoutResult`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was over.
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

#[allow(
    clippy::missing_errors_doc,
    reason = "as the standard library: if a thread panicked while it held the lock"
)]
impl Condvar {
    /// A condition variable that nobody waits for.
    pub const fn new() -> Self {
        Condvar(RawCondvar::new())
    }

    /// Releases the lock, blocks until notified, and takes the lock again.
    #[track_caller]
    pub fn wait<'a, T: ?Sized>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        self.wait_at(guard, Location::caller())
    }

    /// As [`Condvar::wait`], at this line.
    pub(crate) fn wait_at<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        at: At,
    ) -> LockResult<MutexGuard<'a, T>> {
        let mutex = guard.mutex;
        mutex.flag.done(guard.guarding);
        // The wait releases the lock in the step by which it begins.
        std::mem::forget(guard);
        self.0.wait(&mutex.lock, at);
        mutex.guard(at)
    }

    /// Waits until `condition` does not hold.
    #[track_caller]
    pub fn wait_while<'a, T: ?Sized, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// Waits as [`Condvar::wait`] does, until the time is over. That it is over may come first at any moment, whatever the
    /// time: both are explored. See [`crate::time::controlled`].
    #[track_caller]
    pub fn wait_timeout<'a, T: ?Sized>(
        &self,
        guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let at = Location::caller();
        let mutex = guard.mutex;
        mutex.flag.done(guard.guarding);
        std::mem::forget(guard);
        let is_over = self.0.wait_timed(&mutex.lock, at);
        if is_over {
            timed::pass(time);
        }
        let poisoned =
            |error: PoisonError<_>| PoisonError::new((error.into_inner(), WaitTimeoutResult(is_over)));
        Ok((mutex.guard(at).map_err(poisoned)?, WaitTimeoutResult(is_over)))
    }

    /// Waits until `condition` does not hold, or the time is over.
    #[track_caller]
    pub fn wait_timeout_while<'a, T: ?Sized, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        time: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut guard) {
            let (again, result) = self.wait_timeout(guard, time)?;
            guard = again;
            if result.timed_out() {
                let is_over = condition(&mut guard);
                return Ok((guard, WaitTimeoutResult(is_over)));
            }
        }
        Ok((guard, WaitTimeoutResult(false)))
    }

    /// Wakes one waiting thread, if there is one.
    #[track_caller]
    pub fn notify_one(&self) {
        self.0.notify(false, Location::caller());
    }

    /// Wakes every waiting thread.
    #[track_caller]
    pub fn notify_all(&self) {
        self.0.notify(true, Location::caller());
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Condvar::new()
    }
}
