//! Going on with an exploration that another process has begun.
//!
//! loom and shuttle's depth-first search explore a tree in an order of their own. A [`Position`] is where such a search
//! stands: everything before it was explored, nothing after it. It is told now and then while the engine explores, and an
//! engine that begins from it explores the rest, in the order in which it would have been explored without the
//! interruption. So the executions of all parts together are those of the whole.
//!
//! A position means something only to the very program that has told it: of another closure it says nothing, and nobody here
//! notices. Whoever keeps positions has to see to that.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// How far an exploration has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Executions that ran to their end before it.
    pub executions: u64,
    /// Executions that were given up before it.
    pub abandoned: u64,
    /// Whether executions before it were left out, so that the end of the search is no proof.
    pub is_incomplete: bool,
    /// The place itself, in a form of the engine's own.
    pub place: String,
}

/// From where to explore, and who is told how far it has come.
#[derive(Clone)]
pub struct Resuming {
    /// The position at which to begin; the beginning if there is none.
    pub from: Option<Position>,
    /// The executions between two positions that are told. Limits are looked at only there, so an exploration gets on by
    /// at least as many executions, however small its limits are.
    pub every: u64,
    /// A file that is the engine's own meanwhile.
    pub scratch: PathBuf,
    /// Is told each position. It may run on any thread, and the exploration waits for it.
    pub keep: Arc<dyn Fn(&Position) + Send + Sync>,
}

/// Why an exploration cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Unresumable {
    /// The place is none of this engine's.
    #[error("the position to go on from is damaged")]
    Damaged,
    /// The engine's own file cannot be written.
    #[error("cannot write {}: {error}", .path.display())]
    Scratch {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

impl Resuming {
    /// The position at which to begin.
    pub(super) fn start(&self) -> Position {
        self.from.clone().unwrap_or_default()
    }

    /// Whether a position is to be told after so many executions of this process.
    pub(super) fn is_due(&self, executions: u64) -> bool {
        executions > 0 && executions.is_multiple_of(self.every.max(1))
    }
}

impl fmt::Debug for Resuming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resuming")
            .field("from", &self.from)
            .field("every", &self.every)
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "loom", feature = "shuttle"))]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::engine::{loom, shuttle};
    use crate::exploration::{Exploration, FailureKind};
    use crate::outcome;

    fn resuming(name: &str, every: u64) -> Resuming {
        let scratch = std::env::temp_dir().join(format!("cancelproof-{name}-{}", std::process::id()));
        Resuming { from: None, every, scratch, keep: Arc::new(|_| ()) }
    }

    #[test]
    fn the_first_execution_of_a_part_is_run_again_as_well() {
        let warms_up = || {
            let runs = AtomicU32::new(0);
            move || {
                let is_cold = runs.fetch_add(1, Ordering::Relaxed) == 0;
                outcome::came_to(|| format!("cold: {is_cold}"));
            }
        };
        let differs = |exploration: Exploration| {
            let kind = exploration.failure.map(|failure| failure.kind);
            assert!(matches!(kind, Some(FailureKind::Nondeterminism { .. })), "{kind:?}");
        };
        let by_loom = loom::explore_resuming(loom::Options::default(), resuming("loom", 1), warms_up());
        differs(by_loom.expect("it begins anew"));
        let options = shuttle::Options::default();
        let by_shuttle = shuttle::explore_resuming(options, resuming("shuttle", 1), warms_up());
        differs(by_shuttle.expect("it begins anew"));
        let says_the_same = || outcome::came_to(|| "the same".to_owned());
        let options = loom::Options::default();
        let same =
            loom::explore_resuming(options, resuming("same", 1), says_the_same).expect("it begins anew");
        assert_eq!(same.failure, None);
    }
}
