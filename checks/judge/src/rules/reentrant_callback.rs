//! *reentrant-callback*: a callback may call the request that it was called for, and gets true answers.
//!
//! Inside its own callback an unmark is refused as canceled and a cancel claims nothing. Specification: I12, and the
//! row "N" of the table of unmark.

use cancelproof_machine::machine::{Call, Misuse, Reply};
use cancelproof_machine::{Cancel, Unmark};

use super::Evidence;
use crate::exploration::FailureKind;
use crate::history::Operation;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if matches!(evidence.failure, Some(FailureKind::Deadlock { .. })) && is_stuck_inside(evidence) {
        return Some("the callback waits for the request that called it".to_owned());
    }
    let wrong = evidence.operations.iter().find(|operation| {
        is_inside(operation) && !is_true(operation, evidence.contract.cancel_tells_claims())
    })?;
    let reply = wrong.reply()?;
    Some(format!("inside its callback, {} was answered \"{reply}\"", wrong.call))
}

/// Whether a call made inside a callback never got its answer.
pub(super) fn is_stuck_inside(evidence: &Evidence<'_>) -> bool {
    evidence.operations.iter().any(|operation| is_inside(operation) && operation.answer.is_none())
}

fn is_inside(operation: &Operation) -> bool {
    operation.arming.is_some() && operation.call != Call::Mark
}

/// Somebody else may have completed the request meanwhile, so that answer is true as well.
fn is_true(operation: &Operation, cancel_tells_claims: bool) -> bool {
    match operation.reply() {
        Some(Reply::Unmark(answer)) => {
            let other = [Misuse::AlreadyCompleted, Misuse::NotOffered].map(Unmark::Refused);
            matches!(answer, Unmark::Canceled | Unmark::Untold) || other.contains(&answer)
        }
        Some(Reply::Cancel(answer)) => !cancel_tells_claims || answer != Cancel::Claimed,
        _ => true,
    }
}
