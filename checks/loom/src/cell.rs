//! Cells whose accesses are judged.

use std::cell;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use cancelproof::cell::controlled::{self as own, Tracked};

/// See [`std::cell::UnsafeCell`].
pub struct UnsafeCell<T: ?Sized> {
    tracked: Owner,
    value: cell::UnsafeCell<T>,
}

/// What is told of accesses to a cell, as its owner has it: the cell ends with this, whoever still has a pointer.
struct Owner(Arc<Tracked>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Shared access to what a cell holds: where it was asked for, and wherever it is followed.
///
/// Its drop is no access. Code that gives a cell back and drops its pointer afterwards follows it no more.
#[derive(Debug)]
pub struct ConstPtr<T: ?Sized> {
    tracked: Arc<Tracked>,
    pointer: *const T,
    /// When the engines were told last.
    told: cell::Cell<u64>,
}

/// Exclusive access to what a cell holds: where it was asked for, and wherever it is followed.
///
/// Its drop is no access, as that of a [`ConstPtr`] is none.
#[derive(Debug)]
pub struct MutPtr<T: ?Sized> {
    tracked: Arc<Tracked>,
    pointer: *mut T,
    /// When the engines were told last.
    told: cell::Cell<u64>,
}

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell { tracked: Owner(Arc::new(Tracked::new())), value: cell::UnsafeCell::new(value) }
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
        self.tracked.0.read();
        let told = cell::Cell::new(self.tracked.0.moment());
        ConstPtr { tracked: Arc::clone(&self.tracked.0), pointer: self.value.get(), told }
    }

    /// Exclusive access.
    #[track_caller]
    pub fn get_mut(&self) -> MutPtr<T> {
        self.tracked.0.write();
        let told = cell::Cell::new(self.tracked.0.moment());
        MutPtr { tracked: Arc::clone(&self.tracked.0), pointer: self.value.get(), told }
    }
}

// SAFETY: as the standard cell. What is tracked is used on one thread of the machine, wherever the cell goes.
unsafe impl<T: ?Sized + Send> Send for UnsafeCell<T> {}

impl<T: ?Sized> ConstPtr<T> {
    /// Tells of an access, if others may have run since that was done last.
    #[track_caller]
    fn tell(&self) {
        if self.told.get() != self.tracked.moment() {
            self.tracked.read();
            self.told.set(self.tracked.moment());
        }
    }

    /// What the cell holds.
    ///
    /// # Safety
    ///
    /// The cell is still there, and nobody writes to it.
    #[track_caller]
    pub unsafe fn deref(&self) -> &T {
        self.tell();
        // SAFETY: the caller answers for it.
        unsafe { &*self.pointer }
    }

    /// Gives the closure the pointer.
    #[track_caller]
    pub fn with<F, R>(&self, access: F) -> R
    where
        F: FnOnce(*const T) -> R,
    {
        self.tell();
        let output = access(self.pointer);
        self.tell();
        output
    }
}

impl<T: ?Sized> MutPtr<T> {
    /// Tells of an access, if others may have run since that was done last.
    #[track_caller]
    fn tell(&self) {
        if self.told.get() != self.tracked.moment() {
            self.tracked.write();
            self.told.set(self.tracked.moment());
        }
    }

    /// What the cell holds.
    ///
    /// # Safety
    ///
    /// The cell is still there, and nobody else accesses it.
    #[allow(clippy::mut_from_ref, reason = "it is loom's signature")]
    #[track_caller]
    pub unsafe fn deref(&self) -> &mut T {
        self.tell();
        // SAFETY: the caller answers for it.
        unsafe { &mut *self.pointer }
    }

    /// Gives the closure the pointer.
    #[track_caller]
    pub fn with<F, R>(&self, access: F) -> R
    where
        F: FnOnce(*mut T) -> R,
    {
        self.tell();
        let output = access(self.pointer);
        self.tell();
        output
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
