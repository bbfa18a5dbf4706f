//! Exact numbers of executions, known from elsewhere.

use cancelproof::engine::dpor::{Options, explore};
use cancelproof::executor::Controlled;
use cancelproof::exploration::Extent;

use crate::word_request::drive;

/// Executions for 2 to 5 tasks: the counts of an independent checker for the same request written in C.
const WORD_REQUEST: [u64; 4] = [16, 237, 3_571, 55_361];

#[test]
fn word_request_on_our_executor() {
    for (cancels, executions) in (1..).zip(WORD_REQUEST) {
        let exploration = explore(&Options::default(), move || {
            drive::<Controlled>(cancels);
        });
        println!("{exploration:?}");
        assert_eq!(exploration.failure, None);
        assert_eq!(exploration.executions, executions, "{cancels} cancels");
        assert_eq!(exploration.extent, Extent::Exhausted);
    }
}
