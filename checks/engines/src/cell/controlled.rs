//! Cells whose accesses the own engines judge by happens-before.

use std::cell;
use std::fmt;
use std::mem;
use std::panic::Location;

use crate::executor::controlled::raw::RawCell;

/// A place whose accesses are judged, and that holds nothing: what a cell of another interface is made of.
///
/// Two accesses that are not ordered by happens-before, one of them a write, are a data race, and the code under test is
/// refuted with the lines of both.
#[derive(Debug)]
pub struct Tracked(RawCell);

impl Tracked {
    /// A place that nobody has accessed.
    #[must_use]
    pub const fn new() -> Self {
        Tracked(RawCell::new())
    }

    /// Somebody is about to read it.
    #[track_caller]
    pub fn read(&self) {
        self.0.touch(false, Location::caller());
    }

    /// Somebody is about to write it.
    #[track_caller]
    pub fn write(&self) {
        self.0.touch(true, Location::caller());
    }

    /// Somebody has read it until now.
    #[track_caller]
    pub fn read_until_now(&self) {
        self.0.end(false, Location::caller());
    }

    /// Somebody has written it until now.
    #[track_caller]
    pub fn write_until_now(&self) {
        self.0.end(true, Location::caller());
    }
}

impl Tracked {
    /// The place ends: whoever accesses it from here on is too late, and whoever has accessed it has to have done so before.
    /// Its drop says the same, where this was not called.
    pub fn end(&self) {
        self.0.close();
    }

    /// A number that changes whenever other threads may have run.
    #[must_use]
    pub fn moment(&self) -> u64 {
        RawCell::moment()
    }
}

impl Default for Tracked {
    fn default() -> Self {
        Tracked::new()
    }
}

/// See [`std::cell::UnsafeCell`]; in loom's closure style.
///
/// As the standard one it is not `Sync`, and says nothing of who may access what it holds.
pub struct UnsafeCell<T: ?Sized> {
    raw: RawCell,
    value: cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// A cell that holds `value`.
    pub const fn new(value: T) -> Self {
        UnsafeCell { raw: RawCell::new(), value: cell::UnsafeCell::new(value) }
    }

    /// What the cell holds.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Gives the closure shared access.
    #[track_caller]
    pub fn with<O>(&self, access: impl FnOnce(*const T) -> O) -> O {
        self.raw.access(false, Location::caller(), || access(self.value.get().cast_const()))
    }

    /// Gives the closure exclusive access.
    #[track_caller]
    pub fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
        self.raw.access(true, Location::caller(), || access(self.value.get()))
    }

    /// The place, as the standard cell gives it. What is done by this pointer is not judged: nobody can tell a read by it
    /// from a write.
    pub const fn get(&self) -> *mut T {
        self.value.get()
    }

    /// What the cell holds; there is nobody else to access it.
    pub const fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    fn default() -> Self {
        UnsafeCell::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    fn from(value: T) -> Self {
        UnsafeCell::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for UnsafeCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}

/// See [`std::cell::Cell`]. It is not `Sync`, so a race on it takes an `unsafe impl` of its owner's.
pub struct Cell<T>(UnsafeCell<T>);

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl<T> Cell<T> {
    pub const fn new(value: T) -> Self {
        Cell(UnsafeCell::new(value))
    }

    #[track_caller]
    pub fn set(&self, value: T) {
        drop(self.replace(value));
    }

    #[track_caller]
    pub fn replace(&self, value: T) -> T {
        // SAFETY: the cell is used by one thread at a time, or there is a data race, which is reported first; no reference
        // into it leaves this call.
        self.0.with_mut(|place| mem::replace(unsafe { &mut *place }, value))
    }

    #[track_caller]
    pub fn swap(&self, other: &Self) {
        if std::ptr::eq(self, other) {
            return;
        }
        self.0.with_mut(|one| {
            // SAFETY: as in `replace`, of two cells.
            other.0.with_mut(|other| unsafe { std::ptr::swap(one, other) });
        });
    }

    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Copy,
    {
        // SAFETY: as in `replace`.
        self.0.with(|place| unsafe { *place })
    }

    #[track_caller]
    pub fn take(&self) -> T
    where
        T: Default,
    {
        self.replace(T::default())
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: Default> Default for Cell<T> {
    fn default() -> Self {
        Cell::new(T::default())
    }
}

impl<T> From<T> for Cell<T> {
    fn from(value: T) -> Self {
        Cell::new(value)
    }
}

impl<T: Copy> Clone for Cell<T> {
    #[track_caller]
    fn clone(&self) -> Self {
        Cell::new(self.get())
    }
}

impl<T: Copy + PartialEq> PartialEq for Cell<T> {
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for Cell<T> {
    #[track_caller]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cell").field(&self.get()).finish()
    }
}
