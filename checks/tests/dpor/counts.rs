//! Exact numbers of executions, known from elsewhere.

use cancelproof::engine::dpor::{Options, explore, explore_on_shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};
use cancelproof::lens::Lens;
use cancelproof::platform::Shuttle;

use crate::word_request::drive;

/// Executions for 2 to 5 tasks: the counts of an independent checker for the same request written in C.
const WORD_REQUEST: [u64; 4] = [16, 237, 3_571, 55_361];

fn exhausted(executions: u64) -> Exploration {
    Exploration { executions, abandoned: 0, extent: Extent::Exhausted, failure: None }
}

#[test]
fn word_request_on_our_executor() {
    for (cancels, executions) in (1..).zip(WORD_REQUEST) {
        let exploration = explore(&Options::default(), move || {
            drive::<Controlled>(cancels);
        });
        assert_eq!(exploration, exhausted(executions), "{cancels} cancels");
    }
}

#[test]
fn word_request_on_shuttle() {
    for (cancels, executions) in (1..).zip(WORD_REQUEST) {
        let exploration = explore_on_shuttle(&Options::default(), move || {
            drive::<Lens<Shuttle>>(cancels);
        });
        assert_eq!(exploration, exhausted(executions), "{cancels} cancels");
    }
}
