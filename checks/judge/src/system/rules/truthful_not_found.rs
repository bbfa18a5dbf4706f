//! `truthful-not-found`: a cancel answers not-found only if nothing that it selects was outstanding at some point of
//! the call; and otherwise only if something was.

use cancelproof_references::application::Selected;
use cancelproof_references::framework::target::CancelSent;

use super::Evidence;
use super::selection::{canceling, issued};
use crate::system::history::{Answer, Operation};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    canceling(evidence)
        .find_map(|call| of_selected(evidence, call))
        .or_else(|| evidence.of(Verb::CancelSent).find_map(|call| of_sent(evidence, call)))
}

fn of_selected(evidence: &Evidence<'_>, call: &Operation) -> Option<String> {
    let Some(Answer::Selected(answer)) = call.reply() else { return None };
    let mut selected = issued(evidence).filter(|io| io.is_selected_by(call));
    match answer {
        Selected::NotFound => {
            let io = selected.find(|io| evidence.is_real_time() && io.is_outstanding_throughout(call))?;
            Some(format!(
                "{} of thread {} answers not-found, and request {} was outstanding all the while",
                call.step, call.thread, io.request
            ))
        }
        // CancelIo says so in any case.
        Selected::Requested if call.step.verb != Verb::CancelIo => {
            let is_right = selected.any(|io| !evidence.is_real_time() || io.is_outstanding_during(call));
            (!is_right).then(|| {
                format!(
                    "{} of thread {} answers requested, and nothing was outstanding",
                    call.step, call.thread
                )
            })
        }
        _ => None,
    }
}

/// A cancel of the first life of a sent request finds nothing exactly if the request has been used again.
fn of_sent(evidence: &Evidence<'_>, call: &Operation) -> Option<String> {
    let reused = evidence.of(Verb::Reuse).find(|reuse| reuse.reply() == Some(Answer::Reused));
    let is_not_found = call.reply()? == Answer::CancelSent(CancelSent::NotFound);
    match reused {
        None if is_not_found => {
            Some("a cancel of a sent request answers not-found in its first life".to_owned())
        }
        Some(reuse) if !is_not_found && evidence.precedes(reuse, call) => {
            Some("a cancel of a life that is over answers as if it were not".to_owned())
        }
        _ => None,
    }
}
