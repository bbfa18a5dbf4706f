//! Engines: each runs a body under many schedules and reports an [`Exploration`](crate::exploration::Exploration).
//!
//! An engine knows nothing of requests, scenarios or rules.

pub mod claims;
pub mod dpor;
#[cfg(feature = "loom")]
pub mod loom;
pub mod progress;
pub mod rc11;
pub mod report;
pub mod shard;
#[cfg(feature = "shuttle")]
pub mod shuttle;
pub mod threads;
