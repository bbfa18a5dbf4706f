//! *exactly-once*: the callback of one mark starts at most once, only of a mark that was accepted and not replaced, and only
//! for a cancel.
//!
//! Together with [no-lost-cancel](super::no_lost_cancel) this is the "exactly" in the name. Specification: I1, I2;
//! Appendix C: "armer queues the callback although its take-back failed", "second pop possible".

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Cancel, Mark};

use super::Evidence;
use super::marks::MarkRecord;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    too_often(evidence).or_else(|| for_no_cancel(evidence)).or_else(|| although_ignored(evidence))
}

/// Where late marks are ignored, one that was made when a cancel had been answered is never called.
fn although_ignored(evidence: &Evidence<'_>) -> Option<String> {
    let is_late = |mark: &&MarkRecord| {
        let marked = evidence.calls(Call::Mark).find(|call| call.arming == Some(mark.arming));
        let precedes =
            |marked| evidence.calls(Call::Cancel).any(|cancel| evidence.history.precedes(cancel, marked));
        marked.is_some_and(precedes)
    };
    let is_called = |mark: &&MarkRecord| evidence.history.starts(mark.arming) > 0;
    let ignores = evidence.contract.ignores_late_marks();
    let mark = evidence.marks.iter().find(|mark| ignores && is_called(mark) && is_late(mark))?;
    Some(format!(
        "the callback of mark {} was called, and it was made when the request had been canceled",
        mark.arming + 1
    ))
}

fn too_often(evidence: &Evidence<'_>) -> Option<String> {
    evidence.marks.iter().find_map(|mark| {
        let number = mark.arming + 1;
        match (evidence.history.starts(mark.arming), mark.reply) {
            (0, _) => None,
            (1, _) if mark.is_replaced => Some(format!(
                "the callback of mark {number} was called, and a later mark had taken its place without being told of a cancel"
            )),
            (1, Some(Mark::Marked | Mark::Untold) | None) => None,
            (1, _) => Some(format!("mark {number} was refused, and its callback was called all the same")),
            (starts, _) => Some(format!("the callback of mark {number} was called {starts} times")),
        }
    })
}

/// A callback was called, and no cancel can have led to it: those that are forgotten were answered "not claimed".
fn for_no_cancel(evidence: &Evidence<'_>) -> Option<String> {
    let forgotten = Some(Reply::Cancel(Cancel::NotClaimed));
    let is_cause = |reply| {
        !evidence.contract.forgets_cancel() || !evidence.contract.cancel_tells_claims() || reply != forgotten
    };
    if evidence.calls(Call::Cancel).any(|cancel| is_cause(cancel.reply())) {
        return None;
    }
    let is_unasked =
        |mark: &&MarkRecord| evidence.history.starts(mark.arming) > 0 && !evidence.is_called_by_the_end(mark);
    let mark = evidence.marks.iter().find(is_unasked)?;
    let number = mark.arming + 1;
    Some(if evidence.is_started_by_the_end(mark) {
        format!(
            "the end of the request called the callback of mark {number}, and no cancel had claimed it; a contract whose \
             requests are canceled by their end says so: `end_while_cancelable: EndWhileCancelable::CallsBack`"
        )
    } else {
        format!("the callback of mark {number} was called, and no cancel had claimed the request")
    })
}
