//! How far an exploration is: the same for each engine of ours.

use core::time::Duration;
use std::sync::Arc;

/// Told how far an exploration is, now and then.
pub type OnProgress = Arc<dyn Fn(&Progress) + Send + Sync>;

/// How far an exploration is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Executions that ran to their end.
    pub explored: u64,
    /// Executions given up as redundant.
    pub abandoned: u64,
    /// Open subtrees.
    pub pending: usize,
    /// An estimate of all executions, after Knuth: as if the subtrees below a node were of equal size. `None` as
    /// long as there is nothing to estimate from.
    pub estimate: Option<u64>,
    /// Time since the start.
    pub elapsed: Duration,
    /// The time that the rest will take if the estimate is right.
    pub left: Option<Duration>,
}

impl Progress {
    /// The progress when this many executions are this share of the whole space, and `begun_with` of them were there
    /// at the start.
    #[expect(clippy::cast_sign_loss, reason = "the quotient of two positive numbers")]
    pub(super) fn at(
        (explored, abandoned): (u64, u64),
        pending: usize,
        share: f64,
        begun_with: u64,
        elapsed: Duration,
    ) -> Self {
        let estimate = (explored > 0 && share > 0.0).then(|| (explored as f64 / share).round() as u64);
        let left = estimate.map(|estimate| {
            let done_now = explored.saturating_sub(begun_with).max(1);
            elapsed.mul_f64(estimate.saturating_sub(explored) as f64 / done_now as f64)
        });
        Progress { explored, abandoned, pending, estimate, elapsed, left }
    }
}
