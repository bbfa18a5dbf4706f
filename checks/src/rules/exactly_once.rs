//! *exactly-once*: the callback of one mark starts at most once, and only of a mark that was accepted.
//!
//! Together with [no-lost-cancel](super::no_lost_cancel) this is the "exactly" in the name. Specification: I1, I2;
//! Appendix C: "armer queues the callback although its take-back failed", "second pop possible".

use cancelproof_model::Mark;

use super::Evidence;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    evidence.marks.iter().find_map(|mark| {
        let number = mark.arming + 1;
        match (evidence.history.starts(mark.arming), mark.reply) {
            (0, _) => None,
            (1, Some(Mark::Marked) | None) => None,
            (1, _) => Some(format!("mark {number} was refused, and its callback was called all the same")),
            (starts, _) => Some(format!("the callback of mark {number} was called {starts} times")),
        }
    })
}
