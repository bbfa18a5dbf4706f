//! What tokio and tokio-util call `crate::loom`, on the runtime that their files are compiled for.
//!
//! Their own modules of that name are the standard library, or loom's types where `cfg(all(test, loom))` holds; these are shaped
//! like the latter.

/// `crate::loom` of tokio: locks that are never poisoned, and cells with loom's way of access.
pub mod for_tokio {
    pub mod cell {
        use std::fmt;

        use cancelproof::model::runtime::{self, Runtime};

        use super::super::super::Platform;

        /// A cell whose accesses the engine sees.
        pub struct UnsafeCell<T: Send + 'static>(<Platform as Runtime>::UnsafeCell<T>);

        // SAFETY: the cell owns its value.
        unsafe impl<T: Send + 'static> Send for UnsafeCell<T> {}

        impl<T: Send + 'static> UnsafeCell<T> {
            #[track_caller]
            pub fn new(value: T) -> Self {
                UnsafeCell(runtime::UnsafeCell::new(value))
            }

            #[track_caller]
            pub fn with_mut<O>(&self, access: impl FnOnce(*mut T) -> O) -> O {
                runtime::UnsafeCell::with_mut(&self.0, access)
            }
        }

        impl<T: Send + 'static> fmt::Debug for UnsafeCell<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("UnsafeCell")
            }
        }
    }

    pub mod sync {
        use std::fmt;

        use cancelproof::model::runtime::{self, Runtime};

        use super::super::super::Platform;

        pub type MutexGuard<'a, T> = runtime::MutexGuard<'a, Platform, T>;

        pub struct Mutex<T: Send + 'static>(<Platform as Runtime>::Mutex<T>);

        impl<T: Send + 'static> Mutex<T> {
            #[track_caller]
            pub fn new(value: T) -> Self {
                Mutex(runtime::Mutex::new(value))
            }

            #[track_caller]
            pub fn lock(&self) -> MutexGuard<'_, T> {
                runtime::Mutex::lock(&self.0)
            }
        }

        impl<T: Send + 'static> fmt::Debug for Mutex<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("Mutex")
            }
        }

        pub mod atomic {
            use std::sync::atomic::Ordering;

            use cancelproof::model::runtime::{Atomic, Runtime};

            use super::super::super::super::Platform;

            #[derive(Debug)]
            pub struct AtomicUsize(<Platform as Runtime>::AtomicUsize);

            impl AtomicUsize {
                #[track_caller]
                pub fn new(value: usize) -> Self {
                    AtomicUsize(Atomic::new(value))
                }

                #[track_caller]
                pub fn load(&self, ordering: Ordering) -> usize {
                    self.0.load(ordering)
                }

                #[track_caller]
                pub fn store(&self, value: usize, ordering: Ordering) {
                    self.0.store(value, ordering);
                }

                #[track_caller]
                pub fn compare_exchange(
                    &self,
                    expected: usize,
                    new: usize,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<usize, usize> {
                    self.0.compare_exchange(expected, new, success, failure)
                }

                #[track_caller]
                pub fn fetch_add(&self, operand: usize, ordering: Ordering) -> usize {
                    self.0.fetch_add(operand, ordering)
                }
            }
        }
    }
}

/// `crate::loom` of tokio-util: `std::sync` by another name.
pub mod for_tokio_util {
    pub mod sync {
        use std::sync::{LockResult, TryLockResult};

        use super::super::for_tokio::sync as tokio;

        pub use super::super::super::sync::Arc;
        pub use tokio::MutexGuard;

        pub struct Mutex<T: Send + 'static>(tokio::Mutex<T>);

        impl<T: Send + 'static> Mutex<T> {
            #[track_caller]
            pub fn new(value: T) -> Self {
                Mutex(tokio::Mutex::new(value))
            }

            #[track_caller]
            pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
                Ok(self.0.lock())
            }

            /// A token asks whether a lock is free only when it has a parent and its last handle goes, and no scenario makes
            /// a child: `tests/children.rs` does, on `own.rs`. If one ever does, it must not pass on an answer that was made up
            /// here.
            pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
                unreachable!("the runtimes have no try_lock; tokens with a parent are judged by tests/children.rs")
            }
        }
    }
}
