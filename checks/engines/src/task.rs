//! `std::task` by another name, with what runs futures; for code that imports it from an alias module, see [`crate::sync`].
//!
//! What stands here without the name of a platform is of the own engines.

pub mod controlled;

pub use controlled::*;

/// The standard library itself, which runs no future.
pub mod std {
    pub use ::std::task::*;
}

/// loom's: what runs futures is behind a feature of loom that this crate does not ask for.
#[cfg(feature = "loom-shape")]
pub mod loom {
    pub use ::std::task::*;
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use ::shuttle::future::block_on;
    pub use ::std::task::*;
}
