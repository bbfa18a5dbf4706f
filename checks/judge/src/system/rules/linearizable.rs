//! `linearizable`: what all calls together have answered is an outcome that the specification allows.
//!
//! The outcomes of each scenario are listed, reviewed against the specification, and kept beside the catalogue.

use super::Evidence;
use crate::system::history::outcome;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    let scenario = evidence.scenario;
    if scenario.outcomes.is_empty() || !evidence.is_settled() {
        return None;
    }
    let program = &scenario.program;
    let found = outcome(evidence.events, program.threads.len(), program.requests());
    (!scenario.outcomes.contains(&found)).then(|| format!("not an outcome of this program: {found}"))
}
