//! `std::time` by another name, for code that imports it from an alias module; see [`crate::sync`].
//!
//! What stands here without the name of a platform is of the own engines. loom and shuttle have no clock.

pub mod controlled;

pub use controlled::*;

/// The standard library itself.
pub mod on_std {
    pub use ::std::time::{Duration, Instant};
}

/// loom's: it has no clock.
#[cfg(feature = "loom-shape")]
pub mod on_loom {
    pub use ::std::time::Duration;

    /// Not modelled.
    pub type Instant = crate::platform::lacking::Instant<crate::platform::lacking::OfLoom>;
}

/// shuttle's: it has no clock.
#[cfg(feature = "shuttle")]
pub mod on_shuttle {
    pub use ::std::time::Duration;

    /// Not modelled.
    pub type Instant = crate::platform::lacking::Instant<crate::platform::lacking::OfShuttle>;
}
