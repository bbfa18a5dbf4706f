//! *never-after-completion*: no callback starts after completion, and what a callback uses is not taken away while it
//! runs.
//!
//! The second half is judged by happens-before: callback and completion access the payload cell, and the engine
//! reports a race when the two are not ordered, whichever ran first. The first half is judged by the order of calls
//! where that is known: the call that made the callback began only after a completion had been answered.
//! Specification: I5; Windows: bug check 0x48, Driver Verifier 0xC9.

use cancelproof_model::machine::{Call, Reply};
use cancelproof_model::{Cancel, Rule};

use super::{Evidence, open_call, publication};
use crate::exploration::FailureKind;
use crate::history::{Arming, Event, Operation, Thread};

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
            .or_else(|| handed_over(&evidence.operations, thread, arming));
        let completion = evidence.completions().find(|completion| match maker {
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

/// The call that handed the callback of `arming` over to a thread of the request's own: such a thread makes no calls but
/// its callback's. It starts the callback a few steps before the callback's first instruction, so what is known to come
/// before is what came before that call.
fn handed_over(operations: &[Operation], thread: Thread, arming: Arming) -> Option<&Operation> {
    let is_programs = operations.iter().any(|call| call.thread == thread && call.arming != Some(arming));
    let claimed = Some(Reply::Cancel(Cancel::Claimed));
    (!is_programs).then(|| {
        let by_cancel = operations.iter().find(|call| call.reply() == claimed);
        by_cancel
            .or_else(|| operations.iter().find(|call| call.call == Call::Mark && call.arming == Some(arming)))
    })?
}
