//! What `lazy_static!` is made of.

use std::fmt;

use cancelproof::sync::controlled::LazyLock;

pub use crate::thread::AccessError;
pub use crate::thread::{panicking, yield_now};

/// A value that is made once in each execution.
pub struct Lazy<T: 'static>(LazyLock<T>);

impl<T: 'static> Lazy<T> {
    #[doc(hidden)]
    pub const fn new(init: fn() -> T) -> Self {
        Lazy(LazyLock::new(init))
    }

    /// The value.
    #[track_caller]
    pub fn get(&'static self) -> &'static T {
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
