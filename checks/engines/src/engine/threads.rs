//! The engine `threads`: the body on real threads of the machine, again and again.
//!
//! It samples whatever the processor and the operating system produce. It finds what models leave out and proves
//! nothing.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use crate::executor::quiet;
use crate::exploration::{Exploration, Extent, Failure, FailureKind};

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Stop after this many executions.
    pub executions: u64,
    /// Stop after this much time.
    pub time: Option<Duration>,
}

/// Runs `body` on real threads until the options say stop or it panics. A body that blocks for ever blocks this
/// call: run it in a process of its own if that can happen.
pub fn explore(options: Options, body: impl Fn()) -> Exploration {
    let begin = Instant::now();
    let mut executions = 0;
    let mut failure = None;
    while executions < options.executions && options.time.is_none_or(|limit| begin.elapsed() < limit) {
        executions += 1;
        if let Err(message) = quiet::catch(AssertUnwindSafe(&body)) {
            let kind = FailureKind::Panic { message };
            failure = Some(Failure { kind, execution: executions, decisions: Vec::new() });
            break;
        }
    }
    let extent = if failure.is_some() { Extent::StoppedAtFailure } else { Extent::Sampled };
    Exploration { executions, abandoned: 0, extent, failure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn runs_as_often_as_asked_and_stops_at_a_panic() {
        let runs = Cell::new(0);
        let options = Options { executions: 10, time: None };
        let all = explore(options, || runs.set(runs.get() + 1));
        assert_eq!((all.executions, all.extent, runs.get()), (10, Extent::Sampled, 10));
        let stopped = explore(options, || {
            runs.set(runs.get() + 1);
            assert!(runs.get() < 13, "thirteen");
        });
        assert_eq!((stopped.executions, stopped.extent), (3, Extent::StoppedAtFailure));
    }
}
