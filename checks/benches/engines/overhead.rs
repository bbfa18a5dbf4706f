//! What recording and judging cost.
//!
//! The *bare loop* is `dpor` on a body that makes the same calls on the same reference request as the scenario does,
//! and nothing else: no log, no cells of the harness, no rules. Against it stands the whole suite, `judge::judge`.
//! The harness's two cells are not scheduling points of the engine, so both explore the same executions.

use std::sync::{Arc, Weak};

use cancelproof::engine::dpor;
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent};
use cancelproof::job;
use cancelproof::judge::{self, Engine, Settings};
use cancelproof::model::runtime::{JoinHandle, Runtime};
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

/// The requests that are measured. They take their decisions in quite different ways.
const REQUESTS: [&str; 3] = ["word", "exchange", "locked"];

/// So many that there are thousands of executions.
const CANCELERS: usize = 3;

pub(crate) fn measure(effort: Effort) -> Vec<Comparison> {
    let comparison = |request: &'static str| {
        eprintln!("{request}, bare and judged");
        // The names are those of reference requests.
        let subject = registry::subject(request).expect("the request is registered");
        let [bare, judged] =
            Measurement::in_turns(effort, [&|| bare(subject, CANCELERS), &|| judged(subject, CANCELERS)]);
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

type Request = dyn CancelableRequest<Controlled>;

/// Completes the request that it is a callback of.
struct Completes(Weak<Box<Request>>);

impl OnCancel for Completes {
    fn on_cancel(&self) {
        if let Some(request) = self.0.upgrade() {
            complete(&**request, Status::Canceled);
        }
    }
}

fn complete(request: &Request, status: Status) {
    assert_eq!(request.complete(status), Complete::Completed);
}

/// One execution: the driver marks and finishes, the others cancel.
fn run(subject: &'static dyn Subject, cancelers: usize) {
    let request = Arc::new(subject.on_controlled().expect("reference requests run on the executor"));
    let handles: Vec<_> = (0..cancelers)
        .map(|_| {
            let request = Arc::clone(&request);
            Controlled::spawn(move || request.cancel())
        })
        .collect();
    match request.mark(Callback::new(Completes(Arc::downgrade(&request)))) {
        Mark::Canceled => complete(&**request, Status::Canceled),
        _ if request.unmark() == Unmark::Unmarked => complete(&**request, Status::Success),
        _ => {}
    }
    for handle in handles {
        let _ = handle.join();
    }
    request.settle();
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
