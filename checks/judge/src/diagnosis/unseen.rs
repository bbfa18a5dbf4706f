//! Whether the engines see anything of a request.

use crate::counterexample;
use crate::execution::is_of_harness;
use crate::scenario::catalogue;
use crate::subject::{Platform, Subject};
use crate::trace::What;

/// Whether not one operation of the request goes through the runtime, so that no engine can reorder anything in it. `None`
/// if the request does not run on our own executor, which is the one that can tell.
#[must_use]
pub fn sees_no_operation(subject: &'static dyn Subject) -> Option<bool> {
    if !subject.runs_on(Platform::Controlled) {
        return None;
    }
    let scenario = catalogue::named("complete-unmarked")?;
    let trace = counterexample::passing(subject, &scenario, None)?;
    let is_own = |file: &str| !is_of_harness(file);
    let operations = trace.steps.iter().filter(|step| matches!(step.what, What::Operation(_)));
    Some(!operations.filter_map(|step| step.place.as_ref()).any(|place| is_own(&place.file)))
}
