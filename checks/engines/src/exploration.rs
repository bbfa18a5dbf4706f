//! What an engine says when it stops: how much it explored, and the first failure if there was one.
//!
//! An engine knows nothing of requests or rules. It runs a body under many schedules and reports an
//! [`Exploration`]; what that means for a request is decided by who judges, in the crate `cancelproof`.

use core::fmt;

use serde::{Deserialize, Serialize};

/// The result of running a body under an engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exploration {
    /// Executions that ran to their end, the failing one included.
    pub executions: u64,
    /// Executions that the engine began and gave up because a reduction showed them to be redundant, or because
    /// a blocked retry made them uninteresting.
    pub abandoned: u64,
    /// How much of the space the executions cover.
    pub extent: Extent,
    /// The first failure, in the engine's own order.
    pub failure: Option<Failure>,
}

/// How much of the space of executions was covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extent {
    /// Every execution that the engine's memory model allows, up to its stated equivalence.
    Exhausted,
    /// Every execution within a bound, and nothing beyond it.
    Bounded(Bound),
    /// Executions drawn at random, or by a real machine; nothing is claimed of the others.
    Sampled,
    /// The engine stopped at a failure; nothing is claimed of what it had not reached.
    StoppedAtFailure,
}

/// What the order of events in an execution means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Events stand in the order in which they happened: a call that was answered before another was made comes
    /// before it in real time.
    RealTime,
    /// Only events of the same thread are in order. Engines with a weak memory model explore executions in which no
    /// single order exists.
    WithinThreads,
}

/// The bound that ended an exploration before it was exhausted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// Every execution with at most this many preemptions was explored.
    Preemptions(u32),
    /// The budget of executions ran out.
    Executions(u64),
    /// The budget of time ran out, in milliseconds.
    Milliseconds(u64),
    /// Some executions were cut after this many steps.
    Steps(u64),
    /// An execution started more threads than an engine can keep apart, this many with the main one.
    Threads(u32),
    /// An execution created more objects of the runtime than an engine can keep apart, this many.
    Objects(u32),
    /// The engine stopped at an execution that had not ended after this many steps, and may have been about to.
    Endless(u64),
    /// Loops whose turns look alike, and could not be shown to leave everything as it was, were cut after this many
    /// turns. What they would have done later is not known.
    Turns(u32),
    /// Threads yielded, and the engine lets whoever yields wait for others: what they do by going on at once was left out.
    Yields,
    /// Only this shard of the space was explored.
    Shard {
        /// Which one, from 1.
        index: u32,
        /// Out of how many.
        count: u32,
    },
    /// The request is made of loom's own atomics, of which loom forgets loads and leaves executions out (loom issues 166
    /// and 392).
    ForgottenLoads,
}

/// A failed execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What went wrong, as far as an engine can tell.
    pub kind: FailureKind,
    /// The number of the failing execution, from 1.
    pub execution: u64,
    /// The decisions that lead to it, in the engine's own encoding; enough to run it again.
    pub decisions: Vec<u32>,
}

/// What went wrong in an execution, as far as an engine can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// The body panicked: a rule of the harness, or an assertion of the author's.
    Panic {
        /// The panic message.
        message: String,
    },
    /// Two accesses to a cell, at least one of them a write, are not ordered by happens-before.
    DataRace {
        /// `file:line:column` of one access, where the engine knows it.
        first: Option<String>,
        /// `file:line:column` of the other.
        second: Option<String>,
    },
    /// Every thread that had not ended was blocked.
    Deadlock {
        /// What each blocked thread waits for.
        blocked: Vec<String>,
    },
    /// The execution did not end within the bound on steps, or repeated a fair cycle.
    Unbounded {
        /// The number of steps after which it was cut.
        steps: u64,
        /// Whether a fair cycle was recognised: every thread in it ran, and the state repeated.
        cycle: bool,
    },
    /// The engine saw objects that were never released (loom's own accounting).
    Leak {
        /// The engine's message.
        message: String,
    },
    /// The same decisions led to different operations: the body uses something outside the runtime.
    Nondeterminism {
        /// What differed.
        message: String,
    },
    /// A modelled thread used up its stack.
    StackOverflow {
        /// The size of the stack in bytes.
        bytes: u64,
    },
}

impl FailureKind {
    /// How the messages of panics begin that are about memory: of an object that was used after its end or beside it, of a
    /// block that was freed twice or written to after it was freed.
    const OF_LIFETIME: [&str; 3] = ["use after free: ", "double free: ", "write after free: "];

    /// Whether something was used that was freed, or freed twice.
    ///
    /// # Example
    ///
    /// ```
    /// use cancelproof_engines::exploration::FailureKind;
    ///
    /// let kind = FailureKind::Panic { message: "use after free: the operation at ...".to_owned() };
    /// assert!(kind.is_of_lifetime());
    /// ```
    #[must_use]
    pub fn is_of_lifetime(&self) -> bool {
        matches!(self, FailureKind::Panic { message } if Self::OF_LIFETIME.iter().any(|start| message.starts_with(start)))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Preemptions(limit) => write!(f, "at most {limit} preemptions"),
            Bound::Executions(limit) => write!(f, "the first {limit} executions"),
            Bound::Milliseconds(limit) => write!(f, "what fitted into {limit} ms"),
            Bound::Steps(limit) => write!(f, "executions of at most {limit} steps"),
            Bound::Threads(limit) => {
                write!(f, "executions of at most {limit} threads (TASKS_MAX), the main one included; start fewer")
            }
            Bound::Objects(limit) => {
                write!(f, "executions of at most {limit} objects of the runtime; create fewer in one execution")
            }
            Bound::Endless(steps) => {
                write!(f, "what came before an execution that had not ended after {steps} steps")
            }
            Bound::Turns(limit) => write!(
                f,
                "at most {limit} turns of each loop whose turns look alike and could not be shown to repeat"
            ),
            Bound::Yields => f.write_str("schedules in which a thread that yields lets others go on first"),
            Bound::Shard { index, count } => write!(f, "shard {index} of {count}"),
            Bound::ForgottenLoads => f.write_str(
                "what loom explores of its own atomics, whose loads it forgets; import them from cancelproof_engines::sync",
            ),
        }
    }
}
