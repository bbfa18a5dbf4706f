//! `std::thread` by another name, for code that imports it from an alias module; see [`crate::sync`].
//!
//! What stands here without the name of a platform is of the own engines.

pub mod controlled;

pub use controlled::*;

/// The standard library itself.
pub mod std {
    pub use ::std::thread::*;
}

/// loom's own.
#[cfg(feature = "loom-shape")]
pub mod loom {
    pub use ::loom::thread::*;
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use ::shuttle::thread::*;
}
