//! The broken twins are refuted, and the report says where.

mod adapter;

use cancelproof::front_door::report;
use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::contract::EndWhileCancelable;
use cancelproof::model::runtime::Runtime;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Rule, Status, Unmark,
};
use cancelproof::scenario::ad_hoc;
use cancelproof::verdict::Verdict;
use dropped_future::Pending;
use dropped_future::broken::BrokenPending;

type BrokenFuture<R> = adapter::Dropped<R, BrokenPending<R>>;

#[test]
fn the_broken_twin_is_refuted_with_its_own_lines() {
    let twin = cancelproof::subject!(BrokenFuture<_>);
    for engine in [Engine::Dpor, Engine::Loom, Engine::Shuttle] {
        let report = report(twin, "mark-cancel", engine).expect_err("a handler is installed in between");
        assert!(report.contains("no-lost-cancel is broken"), "{report}");
        assert!(report.contains("broken.rs:22") && report.contains("broken.rs:24"), "{report}");
    }
}

/// The right operation, whose contract does not say that its end is a cancel.
struct Unannounced<R: Runtime>(adapter::Dropped<R, Pending<R>>);

impl<R: Runtime> CancelableRequest<R> for Unannounced<R> {
    fn new() -> Self {
        Unannounced(adapter::Dropped::new())
    }

    fn contract() -> Contract {
        Contract { end_while_cancelable: EndWhileCancelable::Forgets, ..adapter::DROPPED_FUTURE }
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.0.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        self.0.unmark()
    }

    fn cancel(&self) -> Cancel {
        self.0.cancel()
    }

    fn complete(&self, status: Status) -> Complete {
        self.0.complete(status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.0.is_canceled()
    }
}

/// What is wrong with a request that is marked, and nothing else.
fn broken_by_a_mark(subject: &'static dyn cancelproof::subject::Subject) -> Option<(Rule, String)> {
    let scenario = ad_hoc("mark ; callback returns".parse().expect("it is a program"));
    match judge(subject, &scenario, Engine::Dpor, Settings::default()).expect("they fit").verdict {
        Verdict::Refuted { violation, .. } => Some((violation.rule, violation.explanation)),
        _ => None,
    }
}

#[test]
fn a_callback_by_the_end_is_a_matter_of_the_contract() {
    type Right<R> = adapter::Dropped<R, Pending<R>>;
    assert_eq!(broken_by_a_mark(cancelproof::subject!(Right<_>)), None);
    let (rule, explanation) =
        broken_by_a_mark(cancelproof::subject!(Unannounced<_>)).expect("it is not announced");
    assert_eq!(rule, Rule::ExactlyOnce);
    assert!(explanation.contains("EndWhileCancelable::CallsBack"), "{explanation}");
}
