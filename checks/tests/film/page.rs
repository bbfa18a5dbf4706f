//! The page as text.

use cancelproof::film;
use cancelproof::registry::FAULTS;
use cancelproof::trace::Trace;

use crate::traces;

#[test]
fn the_same_trace_makes_the_same_page() {
    assert_eq!(film::html(&traces::double_fire()), film::html(&traces::double_fire()));
}

#[test]
fn every_fault_has_a_film_that_shows_the_rule_the_step_and_every_place() {
    for fault in FAULTS {
        let Some(trace) = traces::of(fault) else { continue };
        let name = fault.about.name;
        let page = film::html(&trace);
        assert!(
            page.contains(&format!(
                "<h1><span class=\"badge bad\">broken</span> {}</h1>",
                fault.about.breaks
            ))
        );
        assert_eq!(
            page.matches(" violation\"").count() + page.matches(" violation ").count(),
            usize::from(trace.violation.is_some()),
            "{name}"
        );
        assert_eq!(page.matches("<li class=\"row ").count(), trace.steps.len(), "{name}");
        for place in trace.steps.iter().filter_map(|step| step.place.as_ref()) {
            assert!(page.contains(&format!("<span class=\"place\">{}</span>", place.short())), "{name}");
        }
    }
}

#[test]
fn no_text_of_the_author_s_becomes_part_of_the_page() {
    let page = film::html(&traces::hostile());
    let plain = film::html(&traces::double_fire());
    for of_the_page in ["<script", "</script", "<img", "onerror=\"", "<!--"] {
        assert_eq!(page.matches(of_the_page).count(), plain.matches(of_the_page).count(), "{of_the_page}");
    }
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn a_film_without_steps_or_rule_says_so() {
    let trace = traces::double_fire();
    let empty =
        Trace { steps: Vec::new(), lanes: Vec::new(), objects: Vec::new(), violation: None, ..trace.clone() };
    assert!(film::html(&empty).contains("No step was recorded"));
    let mut passing = Trace { violation: None, why: None, ..trace };
    passing.header.broken = None;
    let page = film::html(&passing);
    assert!(page.contains("One execution that breaks no rule.") && !page.contains("id=\"to-violation\""));
}

/// The author's own line stands at the step, and an object is called by the field through which it is reached.
#[test]
fn a_step_quotes_the_line_and_names_the_field() {
    let page = film::html(&traces::double_fire());
    assert!(page.contains("<code class=\"source\">let mut inner = request.shared.inner.lock();<"), "{page}");
    let trace = traces::double_fire();
    let field = trace.objects.iter().find(|object| !object.is_of_harness).expect("there is one");
    assert!(page.contains(&format!("inner ({})", field.name)), "{}", field.name);
}
