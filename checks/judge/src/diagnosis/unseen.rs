//! Whether the engines see anything of a request.

use crate::counterexample;
use crate::execution::is_of_harness;
use crate::scenario::catalogue;
use crate::subject::{Platform, Subject};
use crate::trace::What;

/// Scenarios that are short, and of which every shape of request has one: not all can be completed.
const TRIED: [&str; 3] = ["complete-unmarked", "marked-cancel", "delivered-then-canceled"];

/// Whether not one operation of the request goes through the runtime, so that no engine can reorder anything in it. `None`
/// if the request does not run on our own executor, which is the one that can tell.
#[must_use]
pub fn sees_no_operation(subject: &'static dyn Subject) -> Option<bool> {
    if !subject.runs_on(Platform::Controlled) {
        return None;
    }
    let is_own = |file: &str| !is_of_harness(file);
    let scenarios = TRIED.iter().filter_map(|name| catalogue::named(name));
    let applying = scenarios.filter(|scenario| scenario.applies_to(&subject.contract()));
    let mut is_known = false;
    for trace in applying.filter_map(|scenario| counterexample::passing(subject, &scenario, None)) {
        is_known = true;
        let mut operations = trace.steps.iter().filter(|step| matches!(step.what, What::Operation(_)));
        if operations.any(|step| step.place.as_ref().is_some_and(|place| is_own(&place.file))) {
            return Some(false);
        }
    }
    is_known.then_some(true)
}
