//! What tokio and tokio-util call `crate::loom`, under the own engines alone: their modules have the shape of the standard
//! library, so tokio's lock, which is never poisoned, is all that has to be said.

/// `crate::loom` of tokio.
pub mod for_tokio {
    pub mod cell {
        pub use cancelproof::cell::UnsafeCell;
    }

    pub mod sync {
        pub use cancelproof::sync::{atomic, MutexGuard};

        #[derive(Debug)]
        pub struct Mutex<T>(cancelproof::sync::Mutex<T>);

        impl<T> Mutex<T> {
            pub const fn new(value: T) -> Self {
                Mutex(cancelproof::sync::Mutex::new(value))
            }

            #[track_caller]
            pub fn lock(&self) -> MutexGuard<'_, T> {
                self.0.lock().unwrap()
            }
        }
    }
}

/// `crate::loom` of tokio-util.
pub mod for_tokio_util {
    pub mod sync {
        pub use cancelproof::sync::{Arc, Mutex, MutexGuard};
    }
}
