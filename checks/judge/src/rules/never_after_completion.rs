//! *never-after-completion*: no callback starts after completion, and what a callback uses is not taken away while it
//! runs.
//!
//! The second half is judged by happens-before: callback and completion access the payload cell, and the engine
//! reports a race when the two are not ordered, whichever ran first. The first half is judged by the order of calls
//! where that is known: the call that made the callback began only after a completion had been answered.
//! Specification: I5; Windows: bug check 0x48, Driver Verifier 0xC9.

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Cancel, Complete, Rule};

use super::marks::MarkRecord;
use super::{Evidence, open_call, publication};
use crate::exploration::FailureKind;
use crate::history::{Arming, Event, Operation, Thread, Title};

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    race_on_payload(evidence).or_else(|| started_after_completion(evidence)).or_else(|| overtaken(evidence))
}

/// Where cancels wait for the callback, whoever has canceled takes away what it uses: a cancel that was answered while it ran, or
/// was still to run.
fn overtaken(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.contract.cancel_waits() {
        return None;
    }
    let events = &evidence.history.events;
    let is_alone = evidence.calls(Call::Cancel).count() == 1;
    evidence.calls(Call::Cancel).filter(|cancel| cancel.arming.is_none()).find_map(|cancel| {
        let (answered, reply) = cancel.answer?;
        let claimed = evidence.contract.cancel_tells_claims() && reply == Reply::Cancel(Cancel::Claimed);
        let is_overtaken = |mark: &&MarkRecord| {
            let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted);
            let started = place(
                &|event| matches!(event, Event::CallbackStarted { arming, .. } if *arming == mark.arming),
            );
            let returned = place(
                &|event| matches!(event, Event::CallbackReturned { arming, .. } if *arming == mark.arming),
            );
            let marked = evidence
                .operations
                .iter()
                .find(|call| call.call == Call::Mark && call.arming == Some(mark.arming));
            let is_its_own =
                claimed || is_alone && marked.is_some_and(|marked| evidence.history.precedes(marked, cancel));
            let is_seen =
                started.is_some_and(|started| started < cancel.called) || started.is_some() && is_its_own;
            is_seen && returned.is_none_or(|returned| returned > answered)
        };
        let mark = evidence.marks.iter().find(is_overtaken)?;
        Some(format!(
            "the cancel of thread {} did not wait until the callback of mark {} had returned",
            cancel.thread,
            mark.arming + 1
        ))
    })
}

fn race_on_payload(evidence: &Evidence<'_>) -> Option<String> {
    let race @ FailureKind::DataRace { .. } = evidence.failure? else { return None };
    (publication::raced_rule(race, evidence.attention) == Rule::NeverAfterCompletion).then(|| {
        "the callback and the completion are not ordered: one may use what the other gives away".to_owned()
    })
}

fn started_after_completion(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.contract.calls_back_after_completion() {
        return None;
    }
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
        let says_nothing = !evidence.contract.cancel_tells_claims();
        let is_untold = |call: &&Operation| {
            call.call == Call::Cancel && (says_nothing || call.reply().is_some_and(Reply::is_untold))
        };
        let by_cancel = operations
            .iter()
            .find(|call| call.reply() == claimed && !says_nothing)
            .or_else(|| operations.iter().find(is_untold));
        by_cancel
            .or_else(|| operations.iter().find(|call| call.call == Call::Mark && call.arming == Some(arming)))
    })?
}
