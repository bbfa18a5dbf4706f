//! A counterexample as the command line prints it.

use super::arguments::Form;
use super::table;
use crate::counterexample::Counterexample;
use crate::trace::table::{Look, render};
use crate::trace::{Trace, mermaid};

/// The text of a counterexample. It has escape sequences, which whoever prints it leaves out where the terminal has no
/// colour.
pub(super) fn text(found: &Counterexample, form: Form) -> String {
    drawn(&found.trace, form)
}

/// The text of an execution, likewise.
pub(super) fn drawn(trace: &Trace, form: Form) -> String {
    if form.mermaid {
        return mermaid::diagram(trace);
    }
    let look = Look { width: table::width(), is_full: form.full, has_colour: true, ..Look::plain() };
    render(trace, &look)
}
