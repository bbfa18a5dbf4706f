//! *request-completed*: whoever completes a request with a right to gets it completed.
//!
//! Specification: I6, T14. Windows rules `RequestCompleted` and `DeferredRequestCompleted`.

use cancelproof_machine::machine::{Call, Reply};

use super::Evidence;
use crate::history::{Operation, Title};

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.history.is_settled()
        || !evidence.answers_are_judged()
        || evidence.completions().next().is_some()
    {
        return None;
    }
    let is_tried = |call: &&Operation| call.title == Title::Entitled && !call.is_not_offered();
    let refused = evidence.calls(Call::Complete).find(is_tried)?;
    let reason = refused.reply().and_then(Reply::misuse)?;
    let who = if refused.arming.is_some() { "the callback" } else { "the driver" };
    Some(format!("{who} completed the request as it should, was refused ({reason}), and nobody else can"))
}
