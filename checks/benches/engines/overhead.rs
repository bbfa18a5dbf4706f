//! What recording and judging cost.
//!
//! The *bare loop* is `dpor` on a body that makes the same calls on the same reference request as the scenario does, and
//! the same accesses to what the driver and its callback share; it keeps no log and is judged by no rule. Against it
//! stands the whole suite, `judge::judge`. Both explore the same executions.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use cancelproof::engine::dpor;
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};
use cancelproof::job;
use cancelproof::judge::{self, Engine, Settings};
use cancelproof::model::runtime::{JoinHandle, Runtime, UnsafeCell};
use cancelproof::model::{Callback, CancelableRequest, Complete, Mark, OnCancel, Status, Unmark};
use cancelproof::registry;
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;
use comfy_table::Table;

use crate::measure::{self, Effort, Measurement};

/// The same program with and without the suite.
pub(crate) struct Comparison {
    pub(crate) request: &'static str,
    pub(crate) bare: Measurement,
    pub(crate) judged: Measurement,
}

impl Comparison {
    /// By how much slower the suite is than the bare loop, in executions per second.
    pub(crate) fn overhead(&self) -> f64 {
        self.bare.rate() / self.judged.rate() - 1.0
    }
}

/// The requests that are measured, which take their decisions in quite different ways, each against so many cancelers
/// that there are tens of thousands of executions: what an exploration costs once is not a cost of each execution.
const REQUESTS: [(&str, usize); 3] = [("word", 5), ("exchange", 3), ("locked", 5)];

pub(crate) fn measure(effort: Effort) -> Vec<Comparison> {
    let comparison = |(request, cancelers): (&'static str, usize)| {
        eprintln!("{request}, bare and judged");
        // The names are those of reference requests.
        let subject = registry::subject(request).expect("the request is registered");
        let [bare, judged] =
            Measurement::in_turns(effort, [&|| bare(subject, cancelers), &|| judged(subject, cancelers)]);
        Comparison { request, bare, judged }
    };
    REQUESTS.map(comparison).into()
}

fn judged(subject: &'static dyn Subject, cancelers: usize) -> Exploration {
    let program = format!("mark finish{} ; callback completes", " | cancel".repeat(cancelers));
    let scenario = job::ad_hoc(program.parse().expect("the program is well-formed"));
    let judgement = judge::judge(subject, &scenario, Engine::Dpor, Settings::default())
        .expect("reference requests run on every engine");
    assert_eq!(judgement.verdict, Verdict::Proved);
    Exploration {
        executions: judgement.executions,
        abandoned: judgement.abandoned,
        extent: Extent::Exhausted,
        failure: None,
    }
}

fn bare(subject: &'static dyn Subject, cancelers: usize) -> Exploration {
    dpor::explore(&dpor::Options::default(), move || run(subject, cancelers))
}

type Cell = <Controlled as Runtime>::UnsafeCell<AtomicU64>;

/// What the threads share: the request, what the driver writes for its callback, and what the callback uses.
struct Shared {
    request: Box<dyn CancelableRequest<Controlled>>,
    context: Cell,
    payload: Cell,
}

// SAFETY: the cells hold atomics, so that no order of accesses corrupts memory; the request is `Sync`.
unsafe impl Sync for Shared {}
// SAFETY: nothing in it is tied to a thread.
unsafe impl Send for Shared {}

impl Shared {
    fn complete(&self, status: Status) {
        assert_eq!(self.request.complete(status), Complete::Completed);
        write(&self.payload);
    }
}

fn read(cell: &Cell) {
    cell.with(|place| {
        // SAFETY: the cell outlives the access, and what it holds is an atomic.
        unsafe { &*place }.load(Ordering::Relaxed)
    });
}

fn write(cell: &Cell) {
    cell.with_mut(|place| {
        // SAFETY: the cell outlives the access, and what it holds is an atomic.
        unsafe { &*place }.store(1, Ordering::Relaxed);
    });
}

/// Completes the request that it is a callback of.
struct Completes(Weak<Shared>);

impl OnCancel for Completes {
    fn on_cancel(&self) {
        if let Some(shared) = self.0.upgrade() {
            read(&shared.context);
            read(&shared.payload);
            shared.complete(Status::Canceled);
        }
    }
}

/// One execution: the driver marks and finishes, the others cancel.
fn run(subject: &'static dyn Subject, cancelers: usize) {
    let shared = Arc::new(Shared {
        request: subject.on_controlled().expect("reference requests run on the executor"),
        context: Cell::new(AtomicU64::new(0)),
        payload: Cell::new(AtomicU64::new(0)),
    });
    let handles: Vec<_> = (0..cancelers)
        .map(|_| {
            let shared = Arc::clone(&shared);
            Controlled::spawn(move || shared.request.cancel())
        })
        .collect();
    write(&shared.context);
    match shared.request.mark(Callback::new(Completes(Arc::downgrade(&shared)))) {
        Mark::Canceled => shared.complete(Status::Canceled),
        _ if shared.request.unmark() == Unmark::Unmarked => shared.complete(Status::Success),
        _ => {}
    }
    for handle in handles {
        let _ = handle.join();
    }
    shared.request.settle();
}

pub(crate) fn table(comparisons: &[Comparison]) -> Table {
    let rows = comparisons.iter().map(|comparison| {
        vec![
            comparison.request.to_owned(),
            measure::count(comparison.bare.executions as f64),
            measure::count(comparison.judged.executions as f64),
            measure::count(comparison.bare.rate()),
            measure::count(comparison.judged.rate()),
            format!("{:.1} %", comparison.overhead() * 100.0),
        ]
    });
    let header =
        ["request", "bare executions", "judged executions", "bare, per s", "judged, per s", "overhead"];
    measure::table(&header, rows.collect())
}
