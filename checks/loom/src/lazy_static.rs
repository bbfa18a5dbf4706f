//! What `lazy_static!` is made of.

use std::fmt;

use cancelproof::sync::controlled::LazyLock;
use cancelproof::sync::controlled::atomic::{AtomicBool, Ordering};

pub use crate::thread::AccessError;
pub use crate::thread::{panicking, yield_now};

/// Whether the main thread of the execution has ended, and with it, as in loom, what is lazily static.
static ENDED: AtomicBool = AtomicBool::new(false);

/// The main thread ends: a thread that looks at a lazy static from now on is wrong.
///
/// It is an operation, so that the engines explore both orders of it and of a look by a thread that was not joined.
#[track_caller]
pub(crate) fn end() {
    ENDED.store(true, Ordering::Relaxed);
}

/// A value that is made once in each execution.
pub struct Lazy<T: 'static>(LazyLock<T>);

impl<T: 'static> Lazy<T> {
    #[doc(hidden)]
    pub const fn new(init: fn() -> T) -> Self {
        Lazy(LazyLock::new(init))
    }

    /// The value.
    ///
    /// # Panics
    ///
    /// Panics if the main thread has ended, or may have.
    #[track_caller]
    pub fn get(&'static self) -> &'static T {
        let is_main = cancelproof::executor::current_task().0 == 0;
        assert!(is_main || !ENDED.load(Ordering::Relaxed), "attempted to access lazy_static during shutdown");
        let (value, is_new) = LazyLock::force_and_tell(&self.0);
        if is_new {
            let place = std::ptr::from_ref(value).cast_mut();
            crate::local::at_end(move || {
                // SAFETY: all threads have ended, so nobody uses the value, and no other execution finds it.
                unsafe { std::ptr::drop_in_place(place) };
            });
        }
        value
    }
}

impl<T: 'static> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("Lazy { .. }")
    }
}
