//! `std::sync` by another name, for code that imports its primitives from an alias module.
//!
//! Such code says `use super::sync::{Mutex, atomic::AtomicU8}`, and its crate says `mod sync { pub use std::sync::*; }`
//! beside it. `suite_per_runtime!` of the crate `cancelproof` compiles the same file once beside each of these modules,
//! unchanged. Each offers what can be modelled, under the standard names: `Mutex`, `Condvar`, `Arc`, `thread_local!`
//! with its `LocalKey`, and in `atomic` the atomics and `Ordering`.

/// The standard library itself.
pub mod std {
    pub use ::std::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
    pub use ::std::thread::LocalKey;
    pub use ::std::thread_local;
}

/// loom's own.
#[cfg(feature = "loom")]
pub mod loom {
    pub use ::loom::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
    pub use ::loom::thread::LocalKey;
    pub use ::loom::thread_local;
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use ::shuttle::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
    pub use ::shuttle::thread::LocalKey;
    pub use ::shuttle::thread_local;
}

pub mod controlled;
