//! What is done or set once; see [`std::sync::Once`], [`OnceLock`](std::sync::OnceLock) and
//! [`LazyLock`](std::sync::LazyLock).
//!
//! In a static each begins anew in each execution. What such a static got is not dropped at the end of the execution, as
//! statics are not.

use std::cell::UnsafeCell;
use std::convert::Infallible;
use std::fmt;
use std::mem::{ManuallyDrop, needs_drop};
use std::ops::Deref;
use std::panic::Location;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use crate::executor::controlled::once::{Missing, RawOnce};

/// See [`std::sync::OnceLock`].
pub struct OnceLock<T>(RawOnce<T>);

// SAFETY: the value is handed out by shared reference, and dropped wherever the owner is.
unsafe impl<T: Send> Send for OnceLock<T> {}
// SAFETY: as above; whoever sets the value sends it to whoever drops it.
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}

impl<T> OnceLock<T> {
    /// Nothing yet.
    pub const fn new() -> Self {
        OnceLock(RawOnce::new())
    }

    /// The value, if there is one.
    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        self.0.get(Location::caller())
    }

    /// The value; if there is none, the one that `make` makes.
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, make: F) -> &T {
        match self.0.get_or_make(Location::caller(), true, |_| Ok::<T, Infallible>(make())) {
            Ok(value) => value,
            Err(Missing::Failed(never)) => match never {},
            Err(Missing::Poisoned) => unreachable!("what has panicked is tried again"),
        }
    }

    /// Sets the value.
    ///
    /// # Errors
    ///
    /// Gives the value back if there is one already.
    #[track_caller]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        let made = self.0.get_or_make(Location::caller(), true, |_| value.take().ok_or(()));
        debug_assert!(made.is_ok(), "the value is there when it is asked for");
        value.map_or(Ok(()), Err)
    }

    /// The value; there is nobody else to reach it.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.0.get_mut()
    }

    /// Takes the value out.
    pub fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    /// The value, if there is one.
    pub fn into_inner(mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        OnceLock::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        let once = OnceLock::new();
        let _ = once.set(value);
        once
    }
}

impl<T> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceLock").finish_non_exhaustive()
    }
}

/// See [`std::sync::Once`].
pub struct Once(RawOnce<()>);

/// See [`std::sync::OnceState`].
#[derive(Debug)]
pub struct OnceState(bool);

impl OnceState {
    /// Whether a body has panicked before.
    pub fn is_poisoned(&self) -> bool {
        self.0
    }
}

impl Once {
    /// Nothing was done.
    pub const fn new() -> Self {
        Once(RawOnce::new())
    }

    /// Runs `body` if none was run; others that come meanwhile wait.
    ///
    /// # Panics
    ///
    /// Panics if a body has panicked.
    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, body: F) {
        let ran = self.run(false, |_| body());
        assert!(ran.is_ok(), "Once instance has previously been poisoned");
    }

    /// As [`Once::call_once`], but a body that has panicked counts for nothing.
    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, body: F) {
        let _ = self.run(true, body);
    }

    #[track_caller]
    fn run<F: FnOnce(&OnceState)>(&self, forced: bool, body: F) -> Result<(), Missing<Infallible>> {
        let run = |is_poisoned| {
            body(&OnceState(is_poisoned));
            Ok(())
        };
        self.0.get_or_make(Location::caller(), forced, run).copied()
    }

    /// Whether a body was run to its end.
    #[track_caller]
    pub fn is_completed(&self) -> bool {
        self.0.get(Location::caller()).is_some()
    }
}

impl Default for Once {
    fn default() -> Self {
        Once::new()
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

/// See [`std::sync::LazyLock`].
///
/// In a static it is made once in each execution, so what makes it must be a function or a closure that owns nothing;
/// what owns something can be made in one execution only.
pub struct LazyLock<T, F = fn() -> T> {
    once: RawOnce<T>,
    make: UnsafeCell<ManuallyDrop<F>>,
    /// Whether what makes it was used up.
    used: AtomicBool,
}

// SAFETY: as for a `OnceLock`; the function is called by whichever thread comes first.
unsafe impl<T: Send + Sync, F: Send> Sync for LazyLock<T, F> {}
// SAFETY: as above.
unsafe impl<T: Send, F: Send> Send for LazyLock<T, F> {}

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// Made by `make` where it is first used.
    pub const fn new(make: F) -> Self {
        LazyLock {
            once: RawOnce::new(),
            make: UnsafeCell::new(ManuallyDrop::new(make)),
            used: AtomicBool::new(false),
        }
    }

    /// The value, made now if it was not made before.
    ///
    /// # Panics
    ///
    /// Panics if what makes it has panicked, and if it owns something and was used up.
    #[track_caller]
    pub fn force(this: &Self) -> &T {
        LazyLock::force_and_tell(this).0
    }

    /// As [`LazyLock::force`], and whether it was made now.
    ///
    /// # Panics
    ///
    /// As [`LazyLock::force`].
    #[track_caller]
    pub fn force_and_tell(this: &Self) -> (&T, bool) {
        let mut is_new = false;
        let made = this.once.get_or_make(Location::caller(), false, |_| {
            is_new = true;
            let used = this.used.swap(true, Relaxed);
            assert!(!used || !needs_drop::<F>(), "what makes this value owns something, and was used up");
            // SAFETY: it is moved out of only once if it owns anything, and otherwise a copy is as good as it.
            let make = unsafe { std::ptr::read(this.make.get()) };
            Ok::<T, Infallible>(ManuallyDrop::into_inner(make)())
        });
        match made {
            Ok(value) => (value, is_new),
            Err(Missing::Failed(never)) => match never {},
            Err(Missing::Poisoned) => panic!("LazyLock instance has previously been poisoned"),
        }
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T, F> Drop for LazyLock<T, F> {
    fn drop(&mut self) {
        if !*self.used.get_mut() {
            // SAFETY: it was not used, and is dropped once.
            unsafe { ManuallyDrop::drop(self.make.get_mut()) };
        }
    }
}

impl<T, F> fmt::Debug for LazyLock<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyLock").finish_non_exhaustive()
    }
}
