//! *truthful-unmark*: a granted unmark means that the callback of that mark never runs; "canceled" means that it has
//! run, runs or will run, and under a contract whose unmark waits, that it has returned.
//!
//! That the callback had not returned is told from the order of events, under every engine: if its return had
//! happened before the answer, no engine could have run it afterwards. An engine that explores one order of steps
//! that do not depend on each other may miss it; then nothing that the driver does next depends on it either.
//!
//! Specification: I3, I4, R5 to R8; Appendix C: "disarm tests list membership only", "disarm answers success after
//! the callback began". Windows rules `CompleteCanceledReq` and `ReqNotCanceled` rely on it.

use cancelproof_model::Unmark;
use cancelproof_model::machine::{Call, Reply};

use super::Evidence;
use crate::history::Event;
use crate::scenario::Scope;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    untrue(evidence).or_else(|| too_early(evidence))
}

/// Unmark was answered "canceled" while the callback was still to run or to return, and not from within it.
fn too_early(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.contract.unmark_waits() || evidence.scope == Scope::DriversRace {
        return None;
    }
    let canceled = Reply::Unmark(Unmark::Canceled);
    evidence.calls(Call::Unmark).filter(|unmark| unmark.arming.is_none()).find_map(|unmark| {
        let (answered, reply) = unmark.answer?;
        let later = evidence.history.events.get(answered..)?;
        let runs_on = later.iter().any(|event| matches!(event, Event::CallbackReturned { .. }));
        (reply == canceled && runs_on).then(|| {
            format!("unmark of thread {} did not wait until the callback had returned", unmark.thread)
        })
    })
}

fn untrue(evidence: &Evidence<'_>) -> Option<String> {
    evidence.marks.iter().find_map(|mark| {
        let (number, starts) = (mark.arming + 1, evidence.history.starts(mark.arming));
        match mark.unmarked? {
            Unmark::Unmarked if starts > 0 => {
                Some(format!("unmark granted mark {number} back, and its callback was called all the same"))
            }
            Unmark::Canceled
                if starts == 0 && evidence.history.is_settled() && evidence.scope != Scope::DriversRace =>
            {
                Some(format!(
                    "unmark answered \"canceled\" for mark {number}, and its callback was never called"
                ))
            }
            _ => None,
        }
    })
}
