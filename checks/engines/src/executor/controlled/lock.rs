//! Locks and condition variables whose state the executor keeps.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::panic::Location;

use cancelproof_runtime::{Condvar, Mutex, MutexGuard};

use super::Controlled;
use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::Action;

/// A lock of the controlled runtime.
#[derive(Debug)]
pub struct ControlledMutex<T> {
    handle: Handle,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through a guard only, and the executor gives a guard to one task at a time; a task
// that is being unwound gets one only when the task that held it has been unwound (see `session`).
unsafe impl<T: Send> Sync for ControlledMutex<T> {}

impl<T: Send + 'static> Mutex<T> for ControlledMutex<T> {
    type Guard<'a> = ControlledMutexGuard<'a, T>;

    #[track_caller]
    fn new(value: T) -> Self {
        ControlledMutex { handle: session::create(ObjectKind::Mutex), value: UnsafeCell::new(value) }
    }

    #[track_caller]
    fn lock(&self) -> Self::Guard<'_> {
        let location = Location::caller();
        let _ = session::perform(Action::Lock, Some(self.handle), location);
        ControlledMutexGuard { mutex: self, location }
    }
}

/// Access to what a lock protects; dropping it releases the lock.
#[derive(Debug)]
pub struct ControlledMutexGuard<'a, T> {
    mutex: &'a ControlledMutex<T>,
    /// Where the lock was taken: a drop has no caller of its own.
    location: &'static Location<'static>,
}

impl<T> Deref for ControlledMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held by the task that has this guard.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for ControlledMutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held by the task that has this guard.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> Drop for ControlledMutexGuard<'_, T> {
    fn drop(&mut self) {
        let _ = session::perform(Action::Unlock, Some(self.mutex.handle), self.location);
    }
}

/// A condition variable of the controlled runtime. It never wakes a waiter spuriously, and a notification of one
/// may wake any task that waits at that moment.
#[derive(Debug)]
pub struct ControlledCondvar {
    handle: Handle,
}

impl Condvar<Controlled> for ControlledCondvar {
    #[track_caller]
    fn new() -> Self {
        ControlledCondvar { handle: session::create(ObjectKind::Condvar) }
    }

    #[track_caller]
    fn wait<'a, T: Send + 'static>(
        &self,
        guard: MutexGuard<'a, Controlled, T>,
    ) -> MutexGuard<'a, Controlled, T> {
        let location = Location::caller();
        let mutex = guard.mutex;
        // The wait releases the lock in the same step as it begins. If it is unwound meanwhile, there is no guard
        // left that could release the lock a second time.
        core::mem::forget(guard);
        let lock = mutex.handle.object();
        let _ = session::perform(Action::WaitBegin { lock }, Some(self.handle), location);
        let _ = session::perform(Action::WaitEnd, Some(self.handle), location);
        let _ = session::perform(Action::Lock, Some(mutex.handle), location);
        ControlledMutexGuard { mutex, location }
    }

    #[track_caller]
    fn notify_one(&self) {
        let _ = session::perform(Action::NotifyOne, Some(self.handle), Location::caller());
    }

    #[track_caller]
    fn notify_all(&self) {
        let _ = session::perform(Action::NotifyAll, Some(self.handle), Location::caller());
    }
}
