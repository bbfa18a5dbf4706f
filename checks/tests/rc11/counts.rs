//! The number of executions of the word request.

use cancelproof::engine::rc11::{Options, explore};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};

use crate::word::{Fault, drive};

fn executions(options: &Options, threads: usize) -> u64 {
    let exploration: Exploration = explore(options, move || drive::<Controlled>(threads - 1, Fault::None));
    assert_eq!(exploration.failure, None);
    assert_eq!(exploration.extent, Extent::Exhausted);
    eprintln!("{threads} threads: {exploration:?}");
    exploration.executions
}

#[test]
fn word_request_has_the_known_number_of_executions() {
    let options = Options::default();
    let found: Vec<u64> = (2..=5).map(|threads| executions(&options, threads)).collect();
    assert_eq!(found, [16, 237, 3_571, 55_361]);
}

#[test]
fn word_request_with_recognised_retry_loops_has_the_known_number_of_executions() {
    let options = Options { retry_loops: true, ..Options::default() };
    let found: Vec<u64> = (2..=6).map(|threads| executions(&options, threads)).collect();
    assert_eq!(found, [6, 23, 76, 237, 726]);
}
