//! Cells, locks, condition variables and shared ownership under a lens.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::panic::Location;

use cancelproof_runtime::{Arc, Condvar, Mutex, MutexGuard, UnsafeCell};

use super::session::{self, Looking};
use super::{Lens, Platform};
use crate::executor::ObjectKind;
use crate::executor::standing;
use crate::operation::{Action, ObjectId};

/// A cell.
pub struct LensUnsafeCell<T: Send + 'static, R: Platform> {
    cell: R::UnsafeCell<T>,
    object: Option<ObjectId>,
}

impl<T: Send + 'static, R: Platform> UnsafeCell<T> for LensUnsafeCell<T, R> {
    #[track_caller]
    fn new(value: T) -> Self {
        LensUnsafeCell { cell: UnsafeCell::new(value), object: session::create::<R>(ObjectKind::Cell) }
    }

    #[track_caller]
    fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        let look = Looking::before::<R>(Action::CellRead, self.object, Location::caller());
        let output = self.cell.with(access);
        Looking::after(look, Ok(0));
        output
    }

    #[track_caller]
    fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        let look = Looking::before::<R>(Action::CellWrite, self.object, Location::caller());
        let output = self.cell.with_mut(access);
        Looking::after(look, Ok(0));
        output
    }
}

impl<T: Send + 'static, R: Platform> fmt::Debug for LensUnsafeCell<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LensUnsafeCell").field("object", &self.object).finish_non_exhaustive()
    }
}

/// A lock.
pub struct LensMutex<T: Send + 'static, R: Platform> {
    mutex: R::Mutex<T>,
    object: Option<ObjectId>,
}

/// Access to what a lock protects; dropping it releases the lock.
pub struct LensMutexGuard<'a, T: Send + 'static, R: Platform> {
    /// Absent only while a wait has it.
    guard: Option<MutexGuard<'a, R, T>>,
    object: Option<ObjectId>,
    /// Where the lock was taken: a drop has no caller of its own.
    location: &'static Location<'static>,
}

impl<T: Send + 'static, R: Platform> Mutex<T> for LensMutex<T, R> {
    type Guard<'a> = LensMutexGuard<'a, T, R>;

    #[track_caller]
    fn new(value: T) -> Self {
        LensMutex { mutex: Mutex::new(value), object: session::create::<R>(ObjectKind::Mutex) }
    }

    #[track_caller]
    fn lock(&self) -> Self::Guard<'_> {
        let location = Location::caller();
        let look = Looking::before::<R>(Action::Lock, self.object, location);
        let guard = Some(self.mutex.lock());
        Looking::after(look, Ok(0));
        LensMutexGuard { guard, object: self.object, location }
    }
}

/// A guard is without its inner guard only inside a wait, which owns it.
const GUARDED: &str = "a guard that can be reached holds its lock";

impl<T: Send + 'static, R: Platform> Deref for LensMutexGuard<'_, T, R> {
    type Target = T;

    fn deref(&self) -> &T {
        self.guard.as_ref().expect(GUARDED)
    }
}

impl<T: Send + 'static, R: Platform> DerefMut for LensMutexGuard<'_, T, R> {
    fn deref_mut(&mut self) -> &mut T {
        standing::touched();
        self.guard.as_mut().expect(GUARDED)
    }
}

impl<T: Send + 'static, R: Platform> Drop for LensMutexGuard<'_, T, R> {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            let look = Looking::before::<R>(Action::Unlock, self.object, self.location);
            drop(guard);
            Looking::after(look, Ok(0));
        }
    }
}

/// A condition variable.
#[derive(Debug)]
pub struct LensCondvar<R: Platform> {
    condvar: R::Condvar,
    object: Option<ObjectId>,
}

impl<R: Platform> Condvar<Lens<R>> for LensCondvar<R> {
    #[track_caller]
    fn new() -> Self {
        LensCondvar { condvar: Condvar::new(), object: session::create::<R>(ObjectKind::Condvar) }
    }

    /// A wait is reported before its begin and after its end only: what lies between is up to the platform.
    #[track_caller]
    fn wait<'a, T: Send + 'static>(
        &self,
        mut guard: MutexGuard<'a, Lens<R>, T>,
    ) -> MutexGuard<'a, Lens<R>, T> {
        let lock = guard.object.unwrap_or(ObjectId(u16::MAX));
        let looking = Looking::before::<R>(Action::WaitBegin { lock }, self.object, Location::caller());
        let inner = guard.guard.take().expect(GUARDED);
        guard.guard = Some(self.condvar.wait(inner));
        Looking::after(looking, Ok(0));
        guard
    }

    #[track_caller]
    fn notify_one(&self) {
        let look = Looking::before::<R>(Action::NotifyOne, self.object, Location::caller());
        self.condvar.notify_one();
        Looking::after(look, Ok(0));
    }

    #[track_caller]
    fn notify_all(&self) {
        let look = Looking::before::<R>(Action::NotifyAll, self.object, Location::caller());
        self.condvar.notify_all();
        Looking::after(look, Ok(0));
    }
}

/// Shared ownership.
pub struct LensArc<T: Send + Sync + 'static, R: Platform> {
    /// Absent only while it is dropped.
    arc: Option<R::Arc<T>>,
    object: Option<ObjectId>,
}

impl<T: Send + Sync + 'static, R: Platform> Arc<T> for LensArc<T, R> {
    #[track_caller]
    fn new(value: T) -> Self {
        LensArc { arc: Some(Arc::new(value)), object: session::create::<R>(ObjectKind::Arc) }
    }
}

impl<T: Send + Sync + 'static, R: Platform> Clone for LensArc<T, R> {
    #[track_caller]
    fn clone(&self) -> Self {
        let look = Looking::before::<R>(Action::ReferenceTake, self.object, Location::caller());
        let arc = self.arc.clone();
        Looking::after(look, Ok(0));
        LensArc { arc, object: self.object }
    }
}

impl<T: Send + Sync + 'static, R: Platform> Deref for LensArc<T, R> {
    type Target = T;

    fn deref(&self) -> &T {
        self.arc.as_ref().expect("a reference that can be reached has not been dropped")
    }
}

impl<T: Send + Sync + 'static, R: Platform> Drop for LensArc<T, R> {
    #[track_caller]
    fn drop(&mut self) {
        let look = Looking::before::<R>(Action::ReferenceDrop, self.object, Location::caller());
        self.arc = None;
        Looking::after(look, Ok(0));
    }
}

impl<T: Send + Sync + fmt::Debug + 'static, R: Platform> fmt::Debug for LensArc<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
