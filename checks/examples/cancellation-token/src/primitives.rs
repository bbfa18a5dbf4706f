//! What tokio and tokio-util call `crate::loom`, on the runtime that their files are compiled for.
//!
//! Their own modules of that name are the standard library, or loom's types where `cfg(all(test, loom))` holds. The alias modules
//! have those shapes; only the lock of tokio, which is never poisoned, is not the standard library's.

/// `crate::loom` of tokio.
pub mod for_tokio {
    pub use super::super::alias::cell;

    pub mod sync {
        use super::super::super::alias::sync;

        pub use sync::{atomic, MutexGuard};

        #[derive(Debug)]
        pub struct Mutex<T>(sync::Mutex<T>);

        impl<T> Mutex<T> {
            #[track_caller]
            pub fn new(value: T) -> Self {
                Mutex(sync::Mutex::new(value))
            }

            #[track_caller]
            pub fn lock(&self) -> MutexGuard<'_, T> {
                self.0.lock().unwrap()
            }
        }
    }
}

/// `crate::loom` of tokio-util: `std::sync` by another name.
pub mod for_tokio_util {
    pub use super::super::alias::sync;
}
