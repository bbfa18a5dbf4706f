//! `dpor`: one execution for each trace, sequentially consistent values, data races by happens-before.

mod clock;
mod dependency;
mod explore;
mod frontier;
mod memory;
mod on_shuttle;
mod options;
mod order;
mod replay;
mod search;
mod shard;
mod symmetry;
mod waiting;

use std::sync::Arc;

use self::explore::Host;
use self::on_shuttle::OnShuttle;
use self::search::Search;
use crate::executor::Executor;
use crate::exploration::Exploration;

pub use self::frontier::Frontier;
pub use self::options::{
    Execution, OnExecution, OnProgress, Options, Preemptions, Progress, Report, STEPS_MAX, Shard,
};
pub use self::replay::{Performed, Replay, ReplayOutcome, replay};
pub use self::shard::{Coverage, MergeError, merge};

/// Explores the executions of `body` on our own executor.
///
/// The body runs as task 0 on the runtime [`Controlled`](crate::executor::Controlled), once for each execution. It
/// creates every object of the runtime that it uses, spawns with the runtime, and does nothing that depends on
/// anything but the runtime's replies.
pub fn explore(options: &Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore_from(options, None, body).exploration
}

/// As [`explore`], from a frontier that an earlier exploration of the same body with the same options left; from
/// the start if there is none. Counts go on from where they were.
pub fn explore_from(
    options: &Options,
    frontier: Option<Frontier>,
    body: impl Fn() + Send + Sync + 'static,
) -> Report {
    let host = OwnExecutor { body: Arc::new(body), stack_bytes: options.stack_bytes };
    explore::explore(&host, options, frontier)
}

/// As [`explore`], with shuttle running the threads: the body runs on `Lens<Shuttle>`.
///
/// The executions, their decisions and their failures are those of [`explore`]. What differs is that a thread whose
/// handle is dropped without a join need not run to its end once all others have.
pub fn explore_on_shuttle(options: &Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore_on_shuttle_from(options, None, body).exploration
}

/// As [`explore_from`], with shuttle running the threads.
pub fn explore_on_shuttle_from(
    options: &Options,
    frontier: Option<Frontier>,
    body: impl Fn() + Send + Sync + 'static,
) -> Report {
    let host = OnShuttle { body: Arc::new(body), stack_bytes: options.stack_bytes };
    explore::explore(&host, options, frontier)
}

/// Our own executor as a host.
struct OwnExecutor {
    body: Arc<dyn Fn() + Send + Sync>,
    stack_bytes: usize,
}

impl Host for OwnExecutor {
    type Worker = Executor;

    fn worker(&self) -> Executor {
        Executor::new(self.stack_bytes)
    }

    fn run(&self, worker: &mut Executor, mut search: Search) -> Search {
        worker.run(&mut search, &self.body);
        search
    }
}
