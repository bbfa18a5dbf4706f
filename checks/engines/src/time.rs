//! `std::time` by another name, for code that imports it from an alias module; see [`crate::sync`].
//!
//! What stands here without the name of a platform is of the own engines. loom and shuttle have no clock.

pub mod controlled;

pub use controlled::*;

/// The standard library itself.
pub mod std {
    pub use ::std::time::{Duration, Instant};
}

/// loom's: it has no clock.
#[cfg(feature = "loom-shape")]
pub mod loom {
    pub use ::std::time::Duration;
}

/// shuttle's: it has no clock.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use ::std::time::Duration;
}
