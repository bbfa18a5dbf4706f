//! *misuse-refused*: a call that the contract forbids is refused, with the right reason, and has no effect.
//!
//! Broken when the answers can be explained only by letting a raw call through. Specification: the verifier's checks
//! V1 to V7 and V10; Windows rules `MarkCancOnCancReq`, `ReqIsNotCancelable`, `ReqIsCancOnCancReq`, `InvalidReqAccess`.

use super::{Evidence, Explained, linearizable};
use crate::history::Title;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.answers_are_judged() || !evidence.history.is_settled() {
        return None;
    }
    if evidence.explained() != Explained::Leniently {
        return None;
    }
    let raw: Vec<String> = evidence
        .operations
        .iter()
        .filter(|operation| operation.title == Title::Raw)
        .map(linearizable::describe)
        .collect();
    Some(format!("a misuse was not refused as {} demands: {}", evidence.contract, raw.join(", ")))
}
