//! Exploration in parts, by processes or machines that know nothing of each other, and the check that the parts make
//! a whole: the same for each engine of ours.
//!
//! How a space is divided is the engine's affair. Every shard finds out the whole division and signs it; [`merge`]
//! compares the signatures.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::exploration::{Bound, Exploration, Extent};

/// One part of a space that is explored in parts, by processes or machines that know nothing of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// Out of how many.
    pub count: u32,
}

/// What one shard covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Which shard, from 1.
    pub index: u32,
    /// Out of how many.
    pub count: u32,
    /// The number of subtrees that all shards cover together.
    pub subtrees: u64,
    /// A signature of the list of these subtrees: the same for all shards of one space.
    pub signature: u64,
}

/// Why shards do not make a whole.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MergeError {
    /// There is nothing to merge.
    #[error("no shard was given")]
    NoShards,
    /// Two shards are not of the same space.
    #[error("shard {index} divides another space than shard {first}: another body, or other options")]
    OtherSpace {
        /// One of them.
        first: u32,
        /// The other.
        index: u32,
    },
    /// A shard is given twice.
    #[error("shard {index} is given twice")]
    Twice {
        /// Which one.
        index: u32,
    },
    /// A shard is missing.
    #[error("shard {index} of {count} is missing")]
    Missing {
        /// Which one.
        index: u32,
        /// Out of how many.
        count: u32,
    },
}

/// Adds up the results of all shards of a space.
///
/// The result is exhausted if every shard explored its part in full. Its failure is that of the first shard that
/// has one.
///
/// # Errors
///
/// Fails if the shards are not exactly the parts of one space.
pub fn merge(shards: &[(Coverage, Exploration)]) -> Result<Exploration, MergeError> {
    let (first, _) = shards.first().ok_or(MergeError::NoShards)?;
    let mut seen = vec![false; first.count as usize];
    for (coverage, _) in shards {
        let same = (coverage.count, coverage.subtrees, coverage.signature)
            == (first.count, first.subtrees, first.signature);
        if !same {
            return Err(MergeError::OtherSpace { first: first.index, index: coverage.index });
        }
        let place = &mut seen[coverage.index as usize - 1];
        if core::mem::replace(place, true) {
            return Err(MergeError::Twice { index: coverage.index });
        }
    }
    if let Some(missing) = seen.iter().position(|seen| !seen) {
        return Err(MergeError::Missing { index: missing as u32 + 1, count: first.count });
    }
    let mut sorted: Vec<_> = shards.iter().collect();
    sorted.sort_by_key(|(coverage, _)| coverage.index);
    Ok(add_up(sorted.into_iter().map(|(_, exploration)| exploration)))
}

fn add_up<'a>(shards: impl Iterator<Item = &'a Exploration>) -> Exploration {
    let mut whole = Exploration { executions: 0, abandoned: 0, extent: Extent::Exhausted, failure: None };
    for shard in shards {
        if whole.failure.is_none() {
            whole.failure.clone_from(&shard.failure);
            if let Some(failure) = &mut whole.failure {
                failure.execution += whole.executions;
                whole.extent = Extent::StoppedAtFailure;
            }
        }
        whole.executions += shard.executions;
        whole.abandoned += shard.abandoned;
        if !matches!(shard.extent, Extent::Bounded(Bound::Shard { .. })) && whole.failure.is_none() {
            whole.extent = shard.extent.clone();
        }
    }
    whole
}

/// Folds a word into a signature.
pub(super) fn mix(signature: u64, word: u64) -> u64 {
    (signature.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
