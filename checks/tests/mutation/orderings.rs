//! The ordering advisor on the reference requests, and on requests that are wrong on purpose.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use cancelproof::judge::Engine;
use cancelproof::mutation::{Family, Survey};
use cancelproof::orderings::{Adequacy, Advice, advise, page, scenarios};
use cancelproof::registry;

fn advice(family: &Family) -> Advice {
    advise(family, &Survey::of(family, &scenarios(), Engine::Rc11, |_| ()), |_| ())
}

#[test]
fn the_reference_requests_are_exact_and_their_page_says_so() {
    let all: Vec<Advice> = Family::references().iter().map(advice).collect();
    for row in all.iter().flat_map(|advice| &advice.rows) {
        assert_eq!(row.unanswered, Vec::<String>::new(), "{}", row.site);
        assert_eq!(row.verdict, Adequacy::Exact, "{}: needed {:?}", row.site, row.needed);
        // Whatever is weaker is refuted: the relaxed ones have nothing weaker.
        assert_eq!(row.refuted.is_empty(), row.written == Relaxed, "{}", row.site);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/orderings.md");
    let fresh = page(&all);
    if std::env::var_os("REWRITE").is_some() {
        std::fs::write(path, &fresh).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == fresh,
        "docs/orderings.md is stale: run this test with REWRITE=1, and review what changed"
    );
}

#[test]
fn an_ordering_that_is_too_weak_is_named_with_the_one_that_is_needed() {
    for (fault, needed) in [("word-publishes-relaxed", Release), ("word-claims-relaxed", Acquire)] {
        let subject = registry::subject(fault).expect("the fault is registered");
        let advice = advice(&Family::of_one(subject));
        // Another place may mend it as well, such as an acquire right behind a claim that does not; the first is the
        // fault's own.
        let row = advice.rows.iter().find(|row| row.site.file.contains("faults"));
        let row = row.unwrap_or_else(|| panic!("{fault}: {:?}", advice.rows));
        assert_eq!((row.verdict, row.written), (Adequacy::TooWeak, Relaxed), "{fault}");
        assert_eq!(row.needed, [needed], "{fault}");
    }
}

#[test]
fn a_request_that_no_ordering_mends_gets_no_advice() {
    let subject = registry::subject("word-completes-twice").expect("the fault is registered");
    let advice = advice(&Family::of_one(subject));
    assert!(advice.rows.is_empty(), "{:?}", advice.rows);
    assert!(!advice.failing.is_empty());
}
