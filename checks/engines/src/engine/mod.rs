//! Engines: each runs a body under many schedules and reports an [`Exploration`](crate::exploration::Exploration).
//!
//! An engine knows nothing of requests, scenarios or rules. All of them stand behind [`Engine`], the seam at which
//! another is added.

pub mod claims;
pub mod dpor;
#[cfg(feature = "loom")]
pub mod loom;
#[cfg(all(feature = "loom-shape", not(feature = "loom")))]
#[path = "loom_absent.rs"]
pub mod loom;
pub mod progress;
pub mod rc11;
pub mod report;
pub mod rerun;
pub mod resuming;
mod seam;
pub mod shard;
#[cfg(feature = "shuttle")]
pub mod shuttle;
pub mod threads;
pub mod turns;

#[cfg(feature = "loom")]
pub use seam::Loom;
#[cfg(feature = "shuttle")]
pub use seam::Shuttle;
pub use seam::{Body, Budget, Dpor, Engine, PCT_DEPTH, Rc11, Threads};
