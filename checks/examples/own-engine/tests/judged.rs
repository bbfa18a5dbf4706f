//! The engine and the property judge a request and its broken twin.

use cancelproof::judge::{Settings, judge_on};
use cancelproof::scenario::catalogue;
use cancelproof::verdict::Verdict;
use cancelproof_model::Rule;
use own_engine::{OneClaims, Rising};

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
    match verdict(cancelproof::subject!(generic::broken::BrokenTicket<_>)) {
        Verdict::Refuted { violation, .. } => {
            assert_eq!(violation.rule, Rule::OwnProperty);
            assert_eq!(violation.explanation, "one-claims: 2 cancels claimed one mark");
        }
        other => panic!("{other}"),
    }
}
