//! What the caller decides, and what the caller is told meanwhile.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use super::frontier::Frontier;
use crate::engine::progress::OnProgress;
use crate::engine::shard::Shard;
use crate::engine::turns;
use crate::executor::{TaskSet, stack_bytes_default};
use crate::exploration::FailureKind;
use crate::operation::TaskId;

/// How to explore. Start from [`Options::default`] and change what matters.
#[derive(Clone)]
pub struct Options {
    /// Operating-system threads to explore on. The results do not depend on it.
    pub workers: usize,
    /// Stop after this many executions, abandoned ones not counted.
    pub executions: Option<u64>,
    /// Stop after about this time.
    pub time: Option<Duration>,
    /// Cut an execution that takes more scheduling decisions than this; at most [`STEPS_MAX`].
    pub steps: u32,
    /// Bound the preemptions: see [`Preemptions`].
    pub preemptions: Preemptions,
    /// Groups of tasks that run the same code on the same objects, so that their names do not matter. Outcomes
    /// are then explored up to swapping those names.
    pub symmetric: Vec<TaskSet>,
    /// After this many turns of a loop that yield, change nothing and look the same as the turn before, a task is
    /// taken to wait for another.
    pub fruitless_turns: u32,
    /// Let weak compare-exchanges fail although the value is the expected one, but not twice in a row in one task and
    /// at one place of the code. On unless it is switched off; never on shuttle, which has no such failures.
    pub spurious_failures: bool,
    /// Let parks without a token, and waits for a condition variable without a notification, end; not twice in a row
    /// in one task and at one place of the code. On unless it is switched off; never on shuttle.
    pub spurious_wakeups: bool,
    /// Whether such turns are cut at all. Without it every loop goes round until it ends, or for as many turns as
    /// [`Options::turns`] says: for comparison.
    pub cut_turns: bool,
    /// A loop whose turns look alike, but could not be shown to leave everything as it was, is cut after this many turns,
    /// and the exploration is bounded by them.
    pub turns: u32,
    /// Once a loop was cut that could not be shown to repeat, stop after about this many executions, abandoned ones counted:
    /// the exploration is bounded in any case.
    pub executions_with_turns: Option<u64>,
    /// Explore one part of the space only.
    pub shard: Option<Shard>,
    /// The stack of each task, on our own executor.
    pub stack_bytes: usize,
    /// Told of every execution that was not abandoned, on the thread that ran it, right after it ended. It may
    /// fail an execution that had not failed.
    pub on_execution: Option<OnExecution>,
    /// Told how far the exploration is, after each round of work.
    pub on_progress: Option<OnProgress>,
}

/// See [`Options::on_execution`].
pub type OnExecution = Arc<dyn Fn(&Execution<'_>) -> Result<(), FailureKind> + Send + Sync>;

/// The largest [`Options::steps`].
pub const STEPS_MAX: u32 = 60_000;

/// Whether and how to bound the preemptions: switches away from a task that could go on and has not yielded.
/// Switches at blocking points, after yields and at the end of a task are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preemptions {
    /// No bound: one execution for each trace.
    Unbounded,
    /// Every order with no preemption, then every order with at most one, and so on up to this many, or until a
    /// bound cuts nothing any more. There is no reduction.
    UpTo(u32),
    /// One execution for each trace of which some order has at most this many preemptions; all of them, if that leaves
    /// nothing out. [`Options::symmetric`] is not looked at.
    Within(u32),
}

/// An execution that ended.
#[derive(Debug)]
pub struct Execution<'a> {
    /// The tasks chosen, in order; with those whose operation came out spuriously, see [`TaskId::spuriously`].
    pub decisions: &'a [TaskId],
    /// What went wrong, if the engine saw something.
    pub failure: Option<&'a FailureKind>,
}

/// What an exploration found, and what it left.
pub type Report = crate::engine::report::Report<Frontier>;

impl Default for Options {
    fn default() -> Self {
        Options {
            workers: 1,
            executions: None,
            time: None,
            steps: STEPS_MAX,
            preemptions: Preemptions::Unbounded,
            symmetric: Vec::new(),
            fruitless_turns: 1,
            spurious_failures: true,
            spurious_wakeups: true,
            cut_turns: true,
            turns: turns::TURNS_DEFAULT,
            executions_with_turns: Some(turns::EXECUTIONS_WITH_TURNS_DPOR),
            shard: None,
            stack_bytes: stack_bytes_default(),
            on_execution: None,
            on_progress: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("workers", &self.workers)
            .field("executions", &self.executions)
            .field("time", &self.time)
            .field("steps", &self.steps)
            .field("preemptions", &self.preemptions)
            .field("symmetric", &self.symmetric)
            .field("fruitless_turns", &self.fruitless_turns)
            .field("spurious_failures", &self.spurious_failures)
            .field("spurious_wakeups", &self.spurious_wakeups)
            .field("cut_turns", &self.cut_turns)
            .field("turns", &self.turns)
            .field("executions_with_turns", &self.executions_with_turns)
            .field("shard", &self.shard)
            .field("stack_bytes", &self.stack_bytes)
            .finish_non_exhaustive()
    }
}
