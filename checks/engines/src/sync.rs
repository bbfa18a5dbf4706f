//! `std::sync` by another name, for code that imports its primitives from an alias module.
//!
//! Such code says `use super::sync::{Mutex, atomic::AtomicU8}`, and its crate says `mod sync { pub use std::sync::*; }`
//! beside it. `suite_per_runtime!` of the crate `cancelproof` compiles the same file once beside each of these modules,
//! unchanged. Each offers what its platform can model, under the standard names. The own engines have everything that
//! [`controlled`] lists; that also stands here without the name of a platform, for tests that are of no request.

/// The standard library itself.
pub mod std {
    pub use ::std::sync::*;
    pub use ::std::thread::LocalKey;
    pub use ::std::thread_local;
}

/// loom's own.
#[cfg(feature = "loom-shape")]
pub mod loom {
    pub use ::loom::sync::*;
    pub use ::loom::thread::LocalKey;
    pub use ::loom::thread_local;
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use ::shuttle::sync::*;
    pub use ::shuttle::thread::LocalKey;
    pub use ::shuttle::thread_local;
}

pub mod controlled;

pub use controlled::*;
