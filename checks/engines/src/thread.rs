//! `std::thread` by another name, for code that imports it from an alias module; see [`crate::sync`].
//!
//! What stands here without the name of a platform is of the own engines.

pub mod controlled;

pub use controlled::*;

/// The standard library itself.
pub mod on_std {
    pub use ::std::thread::*;
}

/// loom's own.
#[cfg(feature = "loom-shape")]
pub mod on_loom {
    pub use ::loom::thread::*;
    pub use ::std::thread::{Scope, ScopedJoinHandle};

    pub use crate::platform::lacking::of_loom::{available_parallelism, park_timeout, scope, sleep};
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod on_shuttle {
    pub use ::shuttle::thread::*;

    pub use crate::platform::lacking::of_shuttle::available_parallelism;
}
