//! How far loom and shuttle go by themselves.
//!
//! They judge every scenario of every request and system, but unlike our own engines they do not end everywhere. So each
//! judgement has a budget, unless somebody asks for all of it. It is counted in executions and not in seconds, so that two
//! runs find the same on any machine; and what does not end says what was covered.

use super::Engine;

/// Executions of loom for one judgement. Twice as many would end few judgements more.
const LOOM_EXECUTIONS: u64 = 25_000;

/// Executions of shuttle's depth-first search for one judgement. Likewise.
const SHUTTLE_EXECUTIONS: u64 = 100_000;

/// Where those do not suffice, this part of as many again is run with rising bounds on preemptions.
pub(super) const RISING_PART: u64 = 5;

impl Engine {
    /// Whether it is an independent witness: exhaustive, and none of this suite's own.
    #[must_use]
    pub fn is_witness(self) -> bool {
        self.is_exhaustive() && !self.is_own()
    }

    /// The executions after which it gives up on one judgement unless it is asked for all of them. Our own engines have no
    /// such limit.
    #[must_use]
    pub fn usual_executions(self) -> Option<u64> {
        match self {
            Engine::Loom => Some(LOOM_EXECUTIONS),
            Engine::Shuttle => Some(SHUTTLE_EXECUTIONS),
            _ => None,
        }
    }
}
