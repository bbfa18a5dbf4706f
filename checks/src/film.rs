//! The film: one execution as one page for a browser, which needs no network and nothing beside it.
//!
//! The page can be read without running anything: every step stands in it, in its thread's lane. A small script steps
//! through it, lights up the state diagram and draws the arrows.

mod facts;
mod source;
mod view;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, context};

use crate::trace::Trace;
use view::View;

const PAGE: &str = include_str!("film/page.html");
const STYLE: &str = include_str!("film/page.css");
const SCRIPT: &str = include_str!("film/page.js");
pub(crate) const DIAGRAM: &str = include_str!("film/diagram.svg");

/// The page of an execution. It depends on the trace and on the author's sources, which it quotes where they lie.
///
/// Everything in the trace is text of the author's crate and is escaped. As a second line of defence the page allows
/// no script but its own and no connection to anywhere.
///
/// # Panics
///
/// Never for any trace: only a mistake in the page's own template could, and every test of the film would show it.
#[must_use]
pub fn html(trace: &Trace) -> String {
    let view = View::of(trace);
    let data = for_script_element(&serde_json::to_string(&view).expect("a view has only texts as keys"));
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("length", minijinja::filters::length);
    let page = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        diagram => Value::from_safe_string(DIAGRAM.to_owned()),
        data => Value::from_safe_string(data),
        ..Serde(&view)
    };
    environment.render_str(PAGE, page).expect("the template of the page is sound")
}

/// JSON that can stand in a script element: no character in it can end the element or begin a comment.
fn for_script_element(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // Outside of strings JSON has none of these, and inside of strings these escapes mean the same.
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            character => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use cancelproof_machine::machine::State;

    use super::*;

    #[test]
    fn json_cannot_leave_its_element() {
        let escaped = for_script_element("{\"a\":\"</script><!--\u{2028}\"}");
        assert_eq!(escaped, "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u2028\"}");
        let value: serde_json::Value = serde_json::from_str(&escaped).expect("it is still JSON");
        assert_eq!(value["a"], "</script><!--\u{2028}");
    }

    /// The diagram is drawn by hand, so a state that is added or renamed has to show up here.
    #[test]
    fn every_state_of_the_machine_has_its_place_in_the_diagram() {
        for state in State::ALL {
            let node = format!("data-state=\"{state}\"");
            assert_eq!(DIAGRAM.matches(&node).count(), 1, "{state}");
        }
        assert_eq!(DIAGRAM.matches("data-state=").count(), State::ALL.len());
    }

    #[test]
    fn the_page_refers_to_nothing_outside() {
        for (name, text) in [("page", PAGE), ("style", STYLE), ("script", SCRIPT), ("diagram", DIAGRAM)] {
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for outside in ["http:", "https:", "//www", "src=", "@import", "import(", "fetch("] {
                assert!(!text.contains(outside), "{name} has {outside}");
            }
        }
    }
}
