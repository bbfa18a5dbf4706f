//! *never-after-completion*: no callback starts after completion, and what a callback uses is not taken away while it
//! runs.
//!
//! The second half is judged by happens-before: callback and completion access the payload cell, and the engine
//! reports a race when the two are not ordered, whichever ran first. The first half is judged by the order of calls
//! where that is known: the call that made the callback began only after a completion had been answered.
//! Specification: I5; Windows: bug check 0x48, Driver Verifier 0xC9.

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Cancel, Complete, Rule};

use super::{Evidence, open_call, publication};
use crate::exploration::FailureKind;
use crate::history::{Arming, Event, Operation, Thread, Title};

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    race_on_payload(evidence).or_else(|| started_after_completion(evidence))
}

fn race_on_payload(evidence: &Evidence<'_>) -> Option<String> {
    let race @ FailureKind::DataRace { .. } = evidence.failure? else { return None };
    (publication::raced_rule(race, evidence.attention) == Rule::NeverAfterCompletion).then(|| {
        "the callback and the completion are not ordered: one may use what the other gives away".to_owned()
    })
}

fn started_after_completion(evidence: &Evidence<'_>) -> Option<String> {
    evidence.history.events.iter().enumerate().find_map(|(position, event)| {
        let Event::CallbackStarted { thread, arming } = *event else { return None };
        let maker = open_call(&evidence.operations, thread, position)
            .or_else(|| handed_over(evidence, thread, arming));
        let completion = known_completions(evidence).find(|completion| match maker {
            Some(maker) => evidence.history.precedes(completion, maker),
            None => completion.answer.is_some_and(|(answered, _)| answered < position),
        })?;
        Some(format!(
            "thread {} was told that the request is completed, and then the callback of mark {} was called",
            completion.thread,
            arming + 1,
        ))
    })
}

/// Completions that were accepted, and those that were made by right and answered nothing: they are taken to have been.
fn known_completions<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = &'a Operation> {
    let untold = Some(Reply::Complete(Complete::Untold));
    let by_right = move |call: &&Operation| call.reply() == untold && call.title == Title::Entitled;
    evidence.completions().chain(evidence.calls(Call::Complete).filter(by_right))
}

/// The call that handed the callback of `arming` over to a thread of the request's own: such a thread makes no calls but
/// its callback's. It starts the callback a few steps before the callback's first instruction, so what is known to come
/// before is what came before that call.
fn handed_over<'a>(evidence: &'a Evidence<'_>, thread: Thread, arming: Arming) -> Option<&'a Operation> {
    let operations = &evidence.operations;
    let is_programs = operations.iter().any(|call| call.thread == thread && call.arming != Some(arming));
    let claimed = Some(Reply::Cancel(Cancel::Claimed));
    (!is_programs).then(|| {
        // Where cancels do not say so, the first of them may have been the one.
        let is_untold = |call: &&Operation| {
            call.call == Call::Cancel
                && (evidence.contract.cancel_is_untold() || call.reply().is_some_and(Reply::is_untold))
        };
        let by_cancel = operations
            .iter()
            .find(|call| call.reply() == claimed && !evidence.contract.cancel_is_untold())
            .or_else(|| operations.iter().find(is_untold));
        by_cancel
            .or_else(|| operations.iter().find(|call| call.call == Call::Mark && call.arming == Some(arming)))
    })?
}
