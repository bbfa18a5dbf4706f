//! *truthful-unmark*: a granted unmark means that the callback of that mark never runs; "canceled" means that it has
//! run, runs or will run.
//!
//! Specification: I3, I4, R5 to R8; Appendix C: "disarm tests list membership only", "disarm answers success after
//! the callback began". Windows rules `CompleteCanceledReq` and `ReqNotCanceled` rely on it.

use cancelproof_model::Unmark;

use super::Evidence;
use crate::scenario::Scope;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
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
