//! Locks and condition variables whose state the executor keeps.

use core::cell::{Cell, UnsafeCell};
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::panic::Location;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;

use cancelproof_runtime::{Condvar, Mutex, MutexGuard};

use super::Controlled;
use super::registered::Owned;
use crate::executor::controller::ObjectKind;
use crate::executor::interceptor;
use crate::executor::session;
use crate::executor::standing;
use crate::operation::Action;

/// A lock of the controlled runtime.
#[derive(Debug)]
pub struct ControlledMutex<T> {
    handle: Owned,
    /// Whether there is a guard. Who may take the lock is decided by a controller, and between the two there may be an
    /// interceptor; safe code can write either, so neither is relied on for memory safety.
    is_held: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: the fields are reached on the operating-system thread that runs the execution of the lock, and on no other:
// `lock` and `wait` check that before they touch them (`session::check`), and a guard stays on the thread that took
// it. There the tasks run one at a time, and `is_held` sees to it that one guard exists at a time. A `T` may so move
// from thread to thread with its lock, no more; hence `Send`.
unsafe impl<T: Send> Sync for ControlledMutex<T> {}

impl<T> ControlledMutex<T> {
    /// Makes the guard of a task to which the lock was just given.
    ///
    /// # Panics
    ///
    /// Panics if there is a guard already: the controller or an interceptor has given the lock to two.
    fn guard(&self, location: &'static Location<'static>) -> ControlledMutexGuard<'_, T> {
        self.handle.check();
        assert!(!self.is_held.replace(true), "a lock was given to a task while another one held it");
        ControlledMutexGuard { mutex: self, location, is_used: AtomicBool::new(false), stays: PhantomData }
    }
}

impl<T: Send + 'static> Mutex<T> for ControlledMutex<T> {
    type Guard<'a> = ControlledMutexGuard<'a, T>;

    #[track_caller]
    fn new(value: T) -> Self {
        ControlledMutex {
            handle: Owned::create(ObjectKind::Mutex),
            is_held: Cell::new(false),
            value: UnsafeCell::new(value),
        }
    }

    #[track_caller]
    fn lock(&self) -> Self::Guard<'_> {
        let location = Location::caller();
        let _ = session::perform(Action::Lock, Some(*self.handle), location);
        self.guard(location)
    }
}

/// Access to what a lock protects; dropping it releases the lock.
///
/// As with the standard library's guard, it stays on the operating-system thread that took the lock:
///
/// ```compile_fail,E0277
/// fn moves<T: Send>() {}
/// moves::<cancelproof_engines::executor::ControlledMutexGuard<'static, u8>>();
/// ```
///
/// and it is shared between such threads only if the value may be:
///
/// ```
/// fn is_shared<T: Sync>() {}
/// is_shared::<cancelproof_engines::executor::ControlledMutexGuard<'static, u8>>();
/// ```
///
/// ```compile_fail,E0277
/// fn is_shared<T: Sync>() {}
/// is_shared::<cancelproof_engines::executor::ControlledMutexGuard<'static, std::cell::Cell<u8>>>();
/// ```
#[derive(Debug)]
pub struct ControlledMutexGuard<'a, T> {
    mutex: &'a ControlledMutex<T>,
    /// Where the lock was taken: a drop has no caller of its own.
    location: &'static Location<'static>,
    /// Whether what is protected has been looked at or changed: before that the section has nothing to be split from. An atomic, since a guard
    /// may be looked through by several threads of the machine.
    is_used: AtomicBool,
    /// Neither `Send` nor `Sync` by itself.
    stays: PhantomData<*const ()>,
}

// SAFETY: a shared guard gives shared access to the value, and to nothing else; it is dropped by its owner.
unsafe impl<T: Sync> Sync for ControlledMutexGuard<'_, T> {}

impl<T> Deref for ControlledMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.is_used.store(true, Relaxed);
        // SAFETY: no other guard of the lock exists as long as this one does.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T> DerefMut for ControlledMutexGuard<'_, T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        standing::touched();
        if core::mem::replace(self.is_used.get_mut(), true)
            && interceptor::splits(self.location, Location::caller())
        {
            self.take_anew();
        }
        // SAFETY: no other guard of the lock exists as long as this one does, and this one is borrowed exclusively.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T> ControlledMutexGuard<'_, T> {
    /// Lets go of the lock and takes it again, so that another task may come in between. The guard is borrowed exclusively, so nothing
    /// refers to the value meanwhile.
    fn take_anew(&mut self) {
        let handle = *self.mutex.handle;
        let _ = session::perform(Action::Unlock, Some(handle), self.location);
        self.mutex.is_held.set(false);
        let _ = session::perform(Action::Lock, Some(handle), self.location);
        assert!(!self.mutex.is_held.replace(true), "a lock was given to a task while another one held it");
    }
}

impl<T> Drop for ControlledMutexGuard<'_, T> {
    fn drop(&mut self) {
        let _ = session::perform(Action::Unlock, Some(*self.mutex.handle), self.location);
        // No other task has run since the lock was released.
        self.mutex.is_held.set(false);
    }
}

/// A condition variable of the controlled runtime. A notification of one may wake any task that waits at that
/// moment; whether waiters wake up without a cause is for the controller to decide.
#[derive(Debug)]
pub struct ControlledCondvar {
    handle: Owned,
}

impl Condvar<Controlled> for ControlledCondvar {
    #[track_caller]
    fn new() -> Self {
        ControlledCondvar { handle: Owned::create(ObjectKind::Condvar) }
    }

    #[track_caller]
    fn wait<'a, T: Send + 'static>(
        &self,
        guard: MutexGuard<'a, Controlled, T>,
    ) -> MutexGuard<'a, Controlled, T> {
        let location = Location::caller();
        let mutex = guard.mutex;
        let lock = mutex.handle.object();
        // The wait releases the lock in the same step as it begins, and makes a guard of its own when it ends.
        core::mem::forget(guard);
        let _ = session::perform(Action::WaitBegin { lock }, Some(*self.handle), location);
        mutex.is_held.set(false);
        let _ = session::perform(Action::WaitEnd, Some(*self.handle), location);
        let _ = session::perform(Action::Lock, Some(*mutex.handle), location);
        mutex.guard(location)
    }

    #[track_caller]
    fn notify_one(&self) {
        let _ = session::perform(Action::NotifyOne, Some(*self.handle), Location::caller());
    }

    #[track_caller]
    fn notify_all(&self) {
        let _ = session::perform(Action::NotifyAll, Some(*self.handle), Location::caller());
    }
}
