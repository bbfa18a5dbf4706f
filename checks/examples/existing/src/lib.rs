//! A crate that was there before the suite: std in production, loom under `--cfg loom`, and nothing else. It has never heard
//! of the suite.

pub mod broken;
pub mod slot;

/// The primitives: loom's under `--cfg loom`, otherwise those of std.
pub mod sync {
    #[cfg(loom)]
    pub use loom::{
        cell::UnsafeCell,
        sync::{Mutex, atomic},
    };
    #[cfg(not(loom))]
    pub use std::sync::{Mutex, atomic};

    /// A cell with loom's way of access.
    #[cfg(not(loom))]
    #[derive(Debug, Default)]
    pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    #[cfg(not(loom))]
    impl<T> UnsafeCell<T> {
        /// A cell that holds `value`.
        pub fn new(value: T) -> Self {
            UnsafeCell(std::cell::UnsafeCell::new(value))
        }

        /// Exclusive access.
        pub fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
            access(self.0.get())
        }
    }
}
