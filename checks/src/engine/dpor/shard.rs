//! Exploration in parts: how a space is dealt into shards, and the check that the shards cover it.
//!
//! The nodes above some depth are all explored in full, so that nothing found in one subtree asks for anything in
//! another; sleep sets still see to it that no two subtrees contain the same trace. So the shards' executions add
//! up to exactly those of the whole, while a few more are abandoned. The subtrees are dealt in turn. Every shard
//! enumerates all of them and signs the list; [`merge`] compares the signatures.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::node::Step;
use super::options::Shard;
use super::waiting::mix;
use crate::exploration::{Bound, Exploration, Extent};

/// At least this many subtrees for each shard, so that their sizes even out.
pub(super) const LEAVES_PER_SHARD: usize = 16;

/// The depth at which dealing gives up looking for more subtrees.
pub(super) const DEPTH_MAX: usize = 24;

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

/// The subtrees that belong to a shard, and what it covers.
pub(super) fn deal(shard: Shard, leaves: Vec<Vec<Step>>) -> (Vec<Vec<Step>>, Coverage) {
    let mut signature = 0;
    for step in leaves.iter().flat_map(|leaf| leaf.iter().map(|step| u64::from(step.task.0) + 1).chain([0])) {
        signature = mix(signature, step);
    }
    let coverage =
        Coverage { index: shard.index, count: shard.count, subtrees: leaves.len() as u64, signature };
    let mine = |place: &usize| *place as u32 % shard.count == shard.index - 1;
    let leaves = leaves.into_iter().enumerate().filter(|(place, _)| mine(place)).map(|(_, leaf)| leaf);
    (leaves.collect(), coverage)
}
