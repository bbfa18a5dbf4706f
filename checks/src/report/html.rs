//! One page for people: it needs no network, can be read without its script, and is printed as it stands.
//!
//! Everything in a ledger is text of somebody's crate and is escaped; as a second line of defence the page allows no
//! script but its own and no connection to anywhere.

mod faults;
mod machine;
mod plot;
mod scenarios;
mod view;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};

use super::Results;
use view::View;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The page, and the films that it links to, as names below the page's folder with their texts.
#[derive(Clone, Debug)]
pub struct Page {
    /// The text of the page.
    pub html: String,
    /// The films, in the order of the findings.
    pub films: Vec<(String, String)>,
}

/// The page of some results; `name` is that of the file without its extension, beside which the films lie.
///
/// # Panics
///
/// Never for any results: only a mistake in the page's own template could, and every test of the page would show it.
#[must_use]
pub fn html(results: &Results, name: &str) -> Page {
    let findings = &results.ledger.findings;
    let films: Vec<(String, String)> = findings
        .iter()
        .enumerate()
        .map(|(number, finding)| {
            (format!("{name}-film-{}.html", number + 1), crate::film::html(&finding.trace))
        })
        .collect();
    let names: Vec<&str> = films.iter().map(|(name, _)| name.as_str()).collect();
    let view = View::of(results, &names);
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("join", minijinja::filters::join);
    let page = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        diagram => Value::from_safe_string(machine::diagram(&results.ledger)),
        plot => Value::from_safe_string(plot::growth(&results.ledger)),
        ..Serde(&view)
    };
    let html = environment.render_str(PAGE, page).expect("the template of the page is sound");
    Page { html, films }
}
