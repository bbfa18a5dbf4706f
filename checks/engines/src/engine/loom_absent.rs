//! In place of the engine `loom` in a build without loom: see the feature `loom-shape`.

use std::time::Duration;

use super::resuming::{Resuming, Unresumable};
use crate::exploration::{Bound, Exploration, Extent};

pub use crate::platform::LOOM_THREADS_MAX as THREADS_MAX;

/// How far to explore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Stop after this many executions.
    pub executions: Option<u64>,
    /// Stop after this much time.
    pub time: Option<Duration>,
}

/// Explores nothing: this build is without loom.
pub fn explore(_: Options, _: impl Fn() + Send + Sync + 'static) -> Exploration {
    Exploration { executions: 0, abandoned: 0, extent: Extent::Bounded(Bound::Executions(0)), failure: None }
}

/// Explores nothing either.
///
/// # Errors
///
/// Returns none.
pub fn explore_resuming(
    options: Options,
    _: Resuming,
    body: impl Fn() + Send + Sync + 'static,
) -> Result<Exploration, Unresumable> {
    Ok(explore(options, body))
}
