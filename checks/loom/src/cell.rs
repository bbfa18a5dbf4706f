//! Cells whose accesses are judged.

use std::cell;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use cancelproof::cell::controlled::{self as own, Tracked};

/// See [`std::cell::UnsafeCell`].
pub struct UnsafeCell<T: ?Sized> {
    tracked: Arc<Tracked>,
    value: cell::UnsafeCell<T>,
}

/// Shared access to what a cell holds, from where it was asked for to where this is dropped.
#[derive(Debug)]
pub struct ConstPtr<T: ?Sized> {
    tracked: Arc<Tracked>,
    pointer: *const T,
}

/// Exclusive access to what a cell holds, from where it was asked for to where this is dropped.
#[derive(Debug)]
pub struct MutPtr<T: ?Sized> {
    tracked: Arc<Tracked>,
    pointer: *mut T,
}

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell { tracked: Arc::new(Tracked::new()), value: cell::UnsafeCell::new(value) }
    }

    /// What the cell holds.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Gives the closure shared access.
    #[track_caller]
    pub fn with<F, R>(&self, access: F) -> R
    where
        F: FnOnce(*const T) -> R,
    {
        self.get().with(access)
    }

    /// Gives the closure exclusive access.
    #[track_caller]
    pub fn with_mut<F, R>(&self, access: F) -> R
    where
        F: FnOnce(*mut T) -> R,
    {
        self.get_mut().with(access)
    }

    /// Shared access.
    #[track_caller]
    pub fn get(&self) -> ConstPtr<T> {
        self.tracked.read();
        ConstPtr { tracked: Arc::clone(&self.tracked), pointer: self.value.get() }
    }

    /// Exclusive access.
    #[track_caller]
    pub fn get_mut(&self) -> MutPtr<T> {
        self.tracked.write();
        MutPtr { tracked: Arc::clone(&self.tracked), pointer: self.value.get() }
    }
}

// SAFETY: as the standard cell. What is tracked is used on one thread of the machine, wherever the cell goes.
unsafe impl<T: ?Sized + Send> Send for UnsafeCell<T> {}

impl<T: ?Sized> ConstPtr<T> {
    /// What the cell holds.
    ///
    /// # Safety
    ///
    /// The cell is still there, and nobody writes to it.
    pub unsafe fn deref(&self) -> &T {
        // SAFETY: the caller answers for it.
        unsafe { &*self.pointer }
    }

    /// Gives the closure the pointer.
    pub fn with<F, R>(&self, access: F) -> R
    where
        F: FnOnce(*const T) -> R,
    {
        access(self.pointer)
    }
}

impl<T: ?Sized> MutPtr<T> {
    /// What the cell holds.
    ///
    /// # Safety
    ///
    /// The cell is still there, and nobody else accesses it.
    #[allow(clippy::mut_from_ref, reason = "it is loom's signature")]
    pub unsafe fn deref(&self) -> &mut T {
        // SAFETY: the caller answers for it.
        unsafe { &mut *self.pointer }
    }

    /// Gives the closure the pointer.
    pub fn with<F, R>(&self, access: F) -> R
    where
        F: FnOnce(*mut T) -> R,
    {
        access(self.pointer)
    }
}

impl<T: ?Sized> Drop for ConstPtr<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.tracked.read_until_now();
    }
}

impl<T: ?Sized> Drop for MutPtr<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.tracked.write_until_now();
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    fn default() -> UnsafeCell<T> {
        UnsafeCell::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    fn from(value: T) -> UnsafeCell<T> {
        UnsafeCell::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}

/// See [`std::cell::Cell`].
#[derive(Debug)]
pub struct Cell<T>(Shown<own::Cell<T>>);

/// A cell whose contents are not looked at to print it.
struct Shown<C>(C);

impl<C> fmt::Debug for Shown<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl<T> Cell<T> {
    pub fn new(value: T) -> Self {
        Cell(Shown(own::Cell::new(value)))
    }

    #[track_caller]
    pub fn set(&self, value: T) {
        self.0.0.set(value);
    }

    #[track_caller]
    pub fn swap(&self, other: &Self) {
        self.0.0.swap(&other.0.0);
    }

    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        self.0.0.replace(value)
    }

    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Copy,
    {
        self.0.0.get()
    }

    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.0.0.take()
    }

    pub fn into_inner(self) -> T {
        self.0.0.into_inner()
    }
}

impl<T: Default> Default for Cell<T> {
    fn default() -> Cell<T> {
        Cell::new(T::default())
    }
}

impl<T: Copy> Clone for Cell<T> {
    #[track_caller]
    fn clone(&self) -> Cell<T> {
        Cell::new(self.get())
    }
}

impl<T> From<T> for Cell<T> {
    fn from(value: T) -> Cell<T> {
        Cell::new(value)
    }
}

impl<T: PartialEq + Copy> PartialEq for Cell<T> {
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq + Copy> Eq for Cell<T> {}

impl<T: PartialOrd + Copy> PartialOrd for Cell<T> {
    #[track_caller]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.get().partial_cmp(&other.get())
    }
}

impl<T: Ord + Copy> Ord for Cell<T> {
    #[track_caller]
    fn cmp(&self, other: &Self) -> Ordering {
        self.get().cmp(&other.get())
    }
}
