//! What an exploration that can be continued comes back with.

use super::shard::Coverage;
use crate::exploration::Exploration;

/// What an exploration found, and what it left.
#[derive(Clone, Debug)]
pub struct Report<F> {
    /// The result.
    pub exploration: Exploration,
    /// What is left to explore; empty if nothing is. After a failure it is of no use: what the failing part of the
    /// search had left is not in it.
    pub frontier: F,
    /// What the shard covers, if one was asked for and the whole division became known.
    pub coverage: Option<Coverage>,
}
