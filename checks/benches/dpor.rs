//! Executions per second of `dpor`, on the word request: `cargo bench --bench dpor`.
//!
//! The body is the tests' word request with its assertions, so these are realistic executions, not empty ones.

#[path = "../tests/dpor/word_request.rs"]
mod word_request;

use cancelproof::engine::dpor::{Options, explore, explore_on_shuttle};
use cancelproof::executor::Controlled;
use cancelproof::lens::Lens;
use cancelproof::platform::Shuttle;
use divan::Bencher;
use divan::counter::ItemsCount;

/// Executions for 2 to 5 threads.
const EXECUTIONS: [u64; 4] = [16, 237, 3_571, 55_361];

fn main() {
    divan::main();
}

fn executions(threads: usize) -> ItemsCount {
    ItemsCount::new(EXECUTIONS[threads - 2])
}

#[divan::bench(args = [3, 4, 5], sample_count = 5)]
fn own_executor(bencher: Bencher, threads: usize) {
    bencher.counter(executions(threads)).bench(|| {
        explore(&Options::default(), move || {
            word_request::drive::<Controlled>(threads - 1);
        })
    });
}

#[divan::bench(args = [5], sample_count = 5)]
fn own_executor_two_workers(bencher: Bencher, threads: usize) {
    bencher.counter(executions(threads)).bench(|| {
        explore(&Options { workers: 2, ..Options::default() }, move || {
            word_request::drive::<Controlled>(threads - 1);
        })
    });
}

#[divan::bench(args = [3, 4, 5], sample_count = 3)]
fn on_shuttle(bencher: Bencher, threads: usize) {
    bencher.counter(executions(threads)).bench(|| {
        explore_on_shuttle(&Options::default(), move || {
            word_request::drive::<Lens<Shuttle>>(threads - 1);
        })
    });
}
