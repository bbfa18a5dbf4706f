//! `misuse-refused`: in scenarios about misuse, every raw step is one and is refused.

use super::Evidence;
use crate::system::catalogue::Kind;
use crate::system::history::Answer;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.scenario.kind != Kind::Misuse {
        return None;
    }
    let accepted = evidence.operations.iter().find(|operation| {
        let is_refused = match operation.reply() {
            Some(Answer::Reply(reply)) => reply.misuse().is_some(),
            Some(Answer::Refused(_)) | None => true,
            Some(_) => false,
        };
        operation.step.is_raw && !is_refused
    })?;
    Some(format!("{} is a misuse and was not refused", accepted.step))
}
