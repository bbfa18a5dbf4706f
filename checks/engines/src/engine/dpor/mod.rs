//! `dpor`: one execution for each trace, sequentially consistent values, data races by happens-before.
//!
//! Two executions are the same *trace* if one becomes the other by exchanging neighbouring operations that do not
//! depend on each other (Mazurkiewicz 1977). Nothing that a task can observe tells them apart, so one of them is
//! enough. The engine explores exactly one execution for each trace that ends, and says how many it began in vain.
//!
//! # The algorithm
//!
//! Dynamic partial-order reduction with *source sets* and *sleep sets*: Abdulla, Aronis, Jonsson, Sagonas, "Optimal
//! dynamic partial order reduction", POPL 2014, algorithm 1; extended in "Source sets: a foundation for optimal
//! dynamic partial order reduction", JACM 64 (4), 2017. In short:
//!
//! - The search is depth first. At each node (a state before a decision) one enabled task is chosen, and the
//!   execution goes on.
//! - When an operation *races* with an earlier one (the two are dependent, and no third operation orders them), the
//!   other order must be explored as well. Let *v* be what followed the earlier operation without being ordered
//!   after it, then the later operation. The tasks that can perform the first operation of *v* are its *initials*;
//!   one of them must be explored at the earlier operation's node. If one is already, nothing needs to be done.
//! - A task whose subtree at a node has been explored *sleeps* in the subtrees explored after it, until an operation
//!   is performed that depends on its own. An execution in which all enabled tasks sleep is abandoned: everything
//!   that it could become has been explored. With sleep sets no trace is ever completed twice (Godefroid 1996).
//!
//! Source sets may begin executions that sleep sets abandon later; wakeup trees would avoid that. On the word
//! request of the tests none are abandoned, on the random programs of the tests a small share, and so there are no
//! wakeup trees.
//!
//! # What depends on what
//!
//! The table is in `dependency.rs`. Three things are not in it, because they are about being *enabled*:
//!
//! - **Locks.** A lock is ordered after the last release, but it is the last *taking* that it races with: to put it
//!   first means to put it before the other task's whole critical section. A release itself races with nothing.
//! - **Waits.** A notification may wake any task that waits; which one is decided by which of the ends of the waits
//!   is performed first. Performing one can disable another that is enabled at the same node, so these race there
//!   and then.
//! - **Parks.** A park can be put before an unpark only if another unpark is there to provide the token, or if it may
//!   end spuriously.
//!
//! - **Blocked for good.** A task can be blocked by a task that is blocked by a sleeping one. Its operation is never
//!   performed then, but its races are looked for all the same when the execution is abandoned. The published
//!   algorithm has no blocking operations and no such case; without this rule, traces are missed.
//!
//! A race is ignored if no initial is enabled at the node: then *v* cannot be performed from there, and so the two
//! operations could not have come the other way round. A task that waits in a loop (`waiting.rs`) or is held for
//! symmetry (`symmetry.rs`) counts as not enabled.
//!
//! # Data races
//!
//! Values are sequentially consistent, happens-before is not: it follows the release and acquire edges that the
//! code wrote down (`memory.rs`). All executions of a trace have the same happens-before, so accesses to cells need
//! no scheduling points and no place in the dependency relation: if two of them race in one execution of a trace,
//! the first such pair races in all of them, and each execution is judged up to its first race.
//!
//! What sequential consistency cannot show is not shown: a load that reads an old value. For that there is `rc11`.
//!
//! # One search, many workers
//!
//! | file | what it knows |
//! |---|---|
//! | `explore.rs` | rounds of units, workers, budgets, bounds |
//! | `frontier.rs` | the open subtrees; saved and resumed |
//! | `search.rs`, `node.rs` | one subtree, depth first |
//! | `order.rs`, `dependency.rs`, `clock.rs` | which events depend on which, and which race |
//! | `memory.rs` | values, happens-before, data races |
//! | `spurious.rs` | operations that fail or wake without a cause |
//! | `waiting.rs`, `symmetry.rs` | tasks that need not be tried |
//! | `preemption.rs` | who runs, and which switches are preemptions |
//! | `least.rs` | the fewest preemptions of all orders of a trace |
//! | `shard.rs`, `replay.rs` | parts of a space; one execution again |
//! | `on_shuttle.rs` | shuttle as a host instead of our own executor |
//!
//! The space is cut into subtrees by the number of executions spent on each, never by time, and what comes back is
//! put together in a fixed order. So the counts and the first failure are the same for every number of workers.
//! The *first* failure is the first in that order; up to the size of a unit it is the first in depth-first order.
//!
//! # Bounded preemptions
//!
//! With [`Preemptions::Within`] a trace is explored if one of its orders is within the bound, and left out with all its orders
//! if none is (`least.rs`). The fewest preemptions of a trace are the same whichever of its orders the search meets, and never
//! fall while it grows; so what is left out is closed under going on, and sleep sets and source sets mean what they mean
//! without a bound. One thing is added: an operation that is left out races all the same, since the other order of that
//! race may be within the bound. A search that left nothing out has explored everything, and says so.
//!
//! (Bounded partial-order reduction as published, Coons and others, OOPSLA 2013, asks the bound of each order by itself. It then has to
//! add choices where a preemption could have been avoided, and cannot use sleep sets between them.)
//!
//! With [`Preemptions::UpTo`] the search tries every order within the bound and reduces nothing: who counts orders by their
//! preemptions wants each of them. The executions of all bounds add up.

mod clock;
mod dependency;
mod explore;
mod follow;
mod frontier;
mod least;
mod memory;
mod node;
#[cfg(feature = "shuttle")]
mod on_shuttle;
mod options;
mod order;
mod preemption;
mod replay;
mod search;
mod shard;
mod spurious;
mod symmetry;
mod waiting;

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use self::explore::Host;
use self::node::Step;
#[cfg(feature = "shuttle")]
use self::on_shuttle::OnShuttle;
use self::search::{Limits, Rules, Search};
use crate::executor::{Executor, FirstRun, TaskSet};
use crate::exploration::{Exploration, Extent, Failure, FailureKind};
use crate::operation::TaskId;

pub use self::follow::{Arrival, Course, Deviation, Fingerprint, Follower, Misfit, Strengthened, run_once};
pub use self::frontier::Frontier;
pub use self::options::{Execution, OnExecution, Options, Preemptions, Report, STEPS_MAX};
pub use self::replay::{Performed, Replay, ReplayOutcome, replay};
pub use super::progress::{OnProgress, Progress};
pub use super::shard::{Coverage, MergeError, Shard, merge};

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
    let host = OwnExecutor { body: Arc::new(body), stack_bytes: options.stack_bytes, first: OnceLock::new() };
    let mut report = explore::explore(&host, options, frontier);
    let exploration = &mut report.exploration;
    if exploration.failure.is_none()
        && let Some(first) = host.first.get()
        && let Some(failure) = host.worker().run_again(first, &host.body)
    {
        exploration.extent = Extent::StoppedAtFailure;
        exploration.failure = Some(failure);
    }
    report
}

/// The first failure among the executions that begin with these decisions; `None` also if none of them is possible.
pub fn explore_below(
    prefix: &[TaskId],
    options: &Options,
    body: impl Fn() + Send + Sync + 'static,
) -> Option<Failure> {
    let steps: Vec<Step> = prefix.iter().map(|&task| Step { task, done: TaskSet::EMPTY }).collect();
    let rules = Rules::of(options);
    let executions = options.executions.unwrap_or(u64::MAX);
    let limits = Limits {
        executions,
        all: executions,
        deadline: options.time.and_then(|time| Instant::now().checked_add(time)),
        on_execution: options.on_execution.clone(),
        expand_to: 0,
    };
    let mut search = Search::new(&Arc::new(rules), &steps, limits);
    run_once(&mut search, body);
    search.finish().failure.filter(|failure| !matches!(failure.kind, FailureKind::Nondeterminism { .. }))
}

/// As [`explore`], with shuttle running the threads: the body runs on `Lens<Shuttle>`.
///
/// The executions, their decisions and their failures are those of [`explore`] without spurious failures and
/// wake-ups, which shuttle does not have. What differs is that a thread whose
/// handle is dropped without a join need not run to its end once all others have.
#[cfg(feature = "shuttle")]
pub fn explore_on_shuttle(options: &Options, body: impl Fn() + Send + Sync + 'static) -> Exploration {
    explore_on_shuttle_from(options, None, body).exploration
}

/// As [`explore_from`], with shuttle running the threads.
#[cfg(feature = "shuttle")]
pub fn explore_on_shuttle_from(
    options: &Options,
    frontier: Option<Frontier>,
    body: impl Fn() + Send + Sync + 'static,
) -> Report {
    let host = OnShuttle { body: Arc::new(body), stack_bytes: options.stack_bytes };
    let options = Options { spurious_failures: false, spurious_wakeups: false, ..options.clone() };
    explore::explore(&host, &options, frontier)
}

/// Our own executor as a host.
struct OwnExecutor {
    body: Arc<dyn Fn() + Send + Sync>,
    stack_bytes: usize,
    /// The first execution that any worker ran.
    first: OnceLock<FirstRun>,
}

impl Host for OwnExecutor {
    type Worker = Executor;

    fn worker(&self) -> Executor {
        Executor::new(self.stack_bytes)
    }

    fn run(&self, worker: &mut Executor, mut search: Search) -> Search {
        if self.first.get().is_none() {
            // Of workers that begin at the same time, one has the say.
            let _ = self.first.set(worker.run_taking_down(&mut search, &self.body));
        } else {
            worker.run(&mut search, &self.body);
        }
        search
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use cancelproof_runtime::{JoinHandle, Runtime};

    use super::*;
    use crate::executor::Controlled;
    use crate::executor::Moment;
    use crate::recorder::{Clocked, Note, Noted, Recorded};
    use crate::sync::controlled::Mutex;
    use crate::sync::controlled::atomic::AtomicU32;

    /// A harness that notes nothing.
    #[derive(Clone, Debug)]
    struct Nothing;

    impl Note for Nothing {
        fn is_call(&self) -> bool {
            false
        }
    }

    impl Clocked<Nothing> for Nothing {
        fn set_clock(&self, _clock: Option<fn() -> Moment>) {}

        fn noted(&self, _from: usize) -> Vec<Noted<Nothing>> {
            Vec::new()
        }

        fn harness_begins(&self) -> Option<Moment> {
            None
        }
    }

    /// Three threads that update, read and lock.
    fn body() {
        let word = Arc::new(AtomicU32::new(0));
        let lock = Arc::new(Mutex::new(0));
        let threads: Vec<_> = (0..2)
            .map(|number| {
                let (word, lock) = (Arc::clone(&word), Arc::clone(&lock));
                Controlled::spawn(move || {
                    word.fetch_add(number + 1, Ordering::AcqRel);
                    *lock.lock().unwrap() += word.load(Ordering::Acquire);
                })
            })
            .collect();
        word.store(7, Ordering::Release);
        for thread in threads {
            thread.join();
        }
    }

    /// Whoever takes an execution down changes nothing of what is explored.
    #[test]
    fn an_exploration_is_the_same_whether_it_is_recorded_or_not() {
        let rules = Arc::new(Rules::of(&Options::default()));
        let limits = Limits { executions: u64::MAX, all: u64::MAX, ..Limits::default() };
        let search = || Search::new(&rules, &[], limits.clone());
        let (mut plain, mut recorded) = (search(), search());
        run_once(&mut plain, body);
        run_once(&mut Recorded::new(&mut recorded, Arc::new(Nothing)), body);
        let (plain, recorded) = (plain.finish(), recorded.finish());
        assert!(plain.executions > 5, "{}", plain.executions);
        assert_eq!((plain.executions, plain.abandoned), (recorded.executions, recorded.abandoned));
    }
}
