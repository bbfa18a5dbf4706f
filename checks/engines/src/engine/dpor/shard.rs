//! How a space is dealt into shards.
//!
//! The nodes above some depth are all explored in full, so that nothing found in one subtree asks for anything in
//! another; sleep sets still see to it that no two subtrees contain the same trace. So the shards' executions add
//! up to exactly those of the whole, while a few more are abandoned. The subtrees are dealt in turn. Every shard
//! enumerates all of them and signs the list.

use super::node::Step;
use crate::engine::shard::{Coverage, Shard, mix};

/// At least this many subtrees for each shard, so that their sizes even out.
pub(super) const LEAVES_PER_SHARD: usize = 16;

/// The depth at which dealing gives up looking for more subtrees.
pub(super) const DEPTH_MAX: usize = 24;

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
