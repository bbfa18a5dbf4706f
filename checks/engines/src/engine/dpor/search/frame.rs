//! What a search is given, and what it leaves behind.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::super::node::{Node, Request, Step};
use super::super::options::{OnExecution, Options, Preemptions, STEPS_MAX};
use super::super::spurious::Allowed;
use crate::executor::TaskSet;
use crate::exploration::{Bound, Failure};

/// What a search needs to know of the options.
#[derive(Clone, Debug)]
pub(in crate::engine::dpor) struct Rules {
    pub(in crate::engine::dpor) steps: u32,
    pub(in crate::engine::dpor) fruitless_turns: u32,
    pub(in crate::engine::dpor) spurious: Allowed,
    pub(in crate::engine::dpor) cut_turns: bool,
    pub(in crate::engine::dpor) turns: u32,
    pub(in crate::engine::dpor) symmetric: Vec<TaskSet>,
    /// Explore every order with at most this many preemptions, without reduction.
    pub(in crate::engine::dpor) preemptions: Option<u32>,
    /// Explore the traces of which some order has at most this many preemptions.
    pub(in crate::engine::dpor) within: Option<u32>,
}

impl Rules {
    /// The rules of a search that reduces.
    pub(in crate::engine::dpor) fn of(options: &Options) -> Self {
        let within = match options.preemptions {
            Preemptions::Within(limit) => Some(limit),
            Preemptions::Unbounded | Preemptions::UpTo(_) => None,
        };
        Rules {
            steps: options.steps.min(STEPS_MAX),
            fruitless_turns: options.fruitless_turns,
            cut_turns: options.cut_turns,
            turns: options.turns,
            spurious: Allowed::by(options),
            // Who is held follows from names, and a trace's fewest preemptions do not.
            symmetric: if within.is_none() { options.symmetric.clone() } else { Vec::new() },
            preemptions: None,
            within,
        }
    }
}

/// When to stop, and whom to tell.
#[derive(Clone, Default)]
pub(in crate::engine::dpor) struct Limits {
    /// Stop after this many executions that were not abandoned.
    pub(in crate::engine::dpor) executions: u64,
    /// Stop after this many in all.
    pub(in crate::engine::dpor) all: u64,
    pub(in crate::engine::dpor) deadline: Option<Instant>,
    pub(in crate::engine::dpor) on_execution: Option<OnExecution>,
    /// Explore everything above this depth and give up each execution there: how a space is dealt into shards. 0
    /// if not.
    pub(in crate::engine::dpor) expand_to: usize,
}

/// What a search found.
#[derive(Debug, Default)]
pub(in crate::engine::dpor) struct Found {
    pub(in crate::engine::dpor) executions: u64,
    pub(in crate::engine::dpor) abandoned: u64,
    /// The first failure, with its number among this search's executions.
    pub(in crate::engine::dpor) failure: Option<Failure>,
    /// What is left: the nodes of the next execution's path that lie in the subtree.
    pub(in crate::engine::dpor) left: Vec<Node>,
    /// What is asked for above the subtree.
    pub(in crate::engine::dpor) requests: Vec<Request>,
    /// The limit that an execution came to, which was not finished.
    pub(in crate::engine::dpor) exceeded: Option<Bound>,
    /// Nothing of the subtree was explored for want of time.
    pub(in crate::engine::dpor) untouched: bool,
    /// Something was left out because it had too many preemptions.
    pub(in crate::engine::dpor) cut: bool,
    /// What was left out because it went on for too long.
    pub(in crate::engine::dpor) short: Short,
    /// The subtrees that an expanding search came to.
    pub(in crate::engine::dpor) leaves: Vec<Vec<Step>>,
}

/// What was left out because executions would have gone on for too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine::dpor) struct Short {
    /// An execution had too many steps.
    pub(in crate::engine::dpor) steps: bool,
    /// A loop had too many turns that could not be shown to repeat.
    pub(in crate::engine::dpor) turns: bool,
}

impl Short {
    pub(in crate::engine::dpor) fn add(&mut self, other: Short) {
        self.steps |= other.steps;
        self.turns |= other.turns;
    }
}
