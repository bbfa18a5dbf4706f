//! The engine and the property judge a request and its broken twin.

use cancelproof::judge::{Settings, judge_on};
use cancelproof::scenario::catalogue;
use cancelproof::verdict::Verdict;
use cancelproof_model::runtime::Runtime;
use cancelproof_model::{
    Callback, Cancel, CancelableRequest, Complete, IsCanceled, Mark, Rule, Status, Unmark,
};
use generic::Ticket;
use own_engine::{OneClaims, Rising};

/// The twin that is broken: every cancel says that it has claimed the request.
struct Boastful<R: Runtime>(Ticket<R>);

impl<R: Runtime> CancelableRequest<R> for Boastful<R> {
    fn new() -> Self {
        Boastful(Ticket::new())
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.0.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        self.0.unmark()
    }

    fn cancel(&self) -> Cancel {
        let _: Cancel = self.0.cancel();
        Cancel::Claimed
    }

    fn complete(&self, status: Status) -> Complete {
        self.0.complete(status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.0.is_canceled()
    }
}

fn verdict(subject: &'static dyn cancelproof::subject::Subject) -> Verdict {
    let scenario = catalogue::named("marked-two-cancels").expect("it is in the catalogue");
    let settings = Settings::default();
    judge_on(&Rising { most: 3 }, subject, &scenario, settings, &[&OneClaims]).expect("they fit").verdict
}

#[test]
fn the_right_request_is_not_refuted() {
    let verdict = verdict(cancelproof::subject!(generic::Ticket<_>));
    assert!(matches!(verdict, Verdict::Proved | Verdict::Bounded(_)), "{verdict}");
}

#[test]
fn the_broken_twin_breaks_the_property() {
    match verdict(cancelproof::subject!(Boastful<_>)) {
        Verdict::Refuted { violation, .. } => {
            assert_eq!(violation.rule, Rule::OwnProperty);
            assert_eq!(violation.explanation, "one-claims: 2 cancels claimed one mark");
        }
        other => panic!("{other}"),
    }
}
