//! *truthful-unmark*: a granted unmark means that the callback of that mark never runs; "canceled" means that it has
//! run, runs or will run, and under a contract whose unmark waits, that it has returned.
//!
//! That the callback had not returned is told from the order of events, under every engine: if its return had
//! happened before the answer, no engine could have run it afterwards. An engine that explores one order of steps
//! that do not depend on each other may miss it; then nothing that the driver does next depends on it either.
//!
//! A mark is given back once, however many drivers ask for it.
//!
//! Specification: I3, I4, R5 to R8; Appendix C: "disarm tests list membership only", "disarm answers success after
//! the callback began". Windows rules `CompleteCanceledReq` and `ReqNotCanceled` rely on it.

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Mark, Unmark};

use super::Evidence;
use crate::history::{Arming, Event, Operation};
use crate::scenario::Scope;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    untrue(evidence).or_else(|| too_early(evidence)).or_else(|| too_many(evidence))
}

/// More unmarks were granted than marks were accepted. Where driver's calls come one at a time the machine says so; where
/// they race, no run of the machine is asked for, and so the grants are counted.
fn too_many(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.answers_are_judged() {
        return None;
    }
    let count = |wanted: Reply| {
        evidence.operations.iter().filter(|operation| operation.reply() == Some(wanted)).count()
    };
    // A mark whose answer is still to come, or was not told, may have been accepted.
    let is_unknown = |mark: &&Operation| mark.reply().is_none_or(Reply::is_untold);
    let accepted = count(Reply::Mark(Mark::Marked)) + evidence.calls(Call::Mark).filter(is_unknown).count();
    let granted = count(Reply::Unmark(Unmark::Unmarked));
    (granted > accepted)
        .then(|| format!("{granted} unmarks were granted, and {accepted} marks were accepted"))
}

/// Unmark was answered "canceled" while the callback was still to run or to return, and not from within it.
fn too_early(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.contract.unmark_waits() || evidence.scope == Scope::DriversRace {
        return None;
    }
    let canceled = Reply::Unmark(Unmark::Canceled);
    let is_of_a_mark = |unmark: &&Operation| unmark.arming.is_none() && !prevents_nothing(evidence, unmark);
    evidence.calls(Call::Unmark).filter(is_of_a_mark).find_map(|unmark| {
        let (answered, reply) = unmark.answer?;
        let later = evidence.history.events.get(answered..)?;
        // A mark that was made later is called for itself.
        let is_older = |arming: Arming| {
            evidence.calls(Call::Mark).any(|mark| mark.arming == Some(arming) && mark.called < answered)
        };
        let runs_on = later
            .iter()
            .any(|event| matches!(event, Event::CallbackReturned { arming, .. } if is_older(*arming)));
        (reply == canceled && runs_on).then(|| {
            format!("unmark of thread {} did not wait until the callback had returned", unmark.thread)
        })
    })
}

/// Whether an unmark may have found nothing that was marked, where that is answered as a lost race is: nothing was marked when it
/// was called, or the last mark had been taken back.
fn prevents_nothing(evidence: &Evidence<'_>, unmark: &Operation) -> bool {
    let before = evidence.operations.iter().rev().filter(|call| call.called < unmark.called);
    let mut last = before
        .filter(|call| call.call == Call::Mark || call.reply() == Some(Reply::Unmark(Unmark::Unmarked)));
    evidence.contract.unmarks_twice() && last.next().is_none_or(|last| last.call != Call::Mark)
}

/// Whether what was said to be canceled may have been over, or never have been marked: where an unmark of such a mark is answered
/// alike.
fn may_have_been_over(evidence: &Evidence<'_>) -> bool {
    let contract = evidence.contract;
    contract.unmarks_twice() && (contract.ignores_late_marks() || evidence.completions().next().is_some())
}

fn untrue(evidence: &Evidence<'_>) -> Option<String> {
    evidence.marks.iter().find_map(|mark| {
        let (number, starts) = (mark.arming + 1, evidence.history.starts(mark.arming));
        match mark.unmarked? {
            Unmark::Unmarked if starts > 0 => {
                Some(format!("unmark granted mark {number} back, and its callback was called all the same"))
            }
            Unmark::Canceled
                if starts == 0
                    && evidence.history.is_settled()
                    && evidence.scope != Scope::DriversRace
                    && !may_have_been_over(evidence) =>
            {
                Some(format!(
                    "unmark answered \"canceled\" for mark {number}, and its callback was never called"
                ))
            }
            _ => None,
        }
    })
}
