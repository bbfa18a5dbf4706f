//! How far loom and shuttle go by themselves.
//!
//! They judge every scenario of every request and system, but unlike our own engines they do not end everywhere. So each
//! judgement has a budget, unless somebody asks for all of it. It is counted in executions and not in seconds, so that two
//! runs find the same on any machine; and what does not end says what was covered.

use super::Engine;

/// Executions of loom for one judgement.
const LOOM_EXECUTIONS: u64 = 50_000;

/// Executions of shuttle's depth-first search for one judgement, and as many again with rising bounds on preemptions
/// where those do not suffice.
const SHUTTLE_EXECUTIONS: u64 = 200_000;

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
