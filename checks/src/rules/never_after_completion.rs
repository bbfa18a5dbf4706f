//! *never-after-completion*: no callback starts after completion, and what a callback uses is not taken away while it
//! runs.
//!
//! The second half is judged by happens-before: callback and completion access the payload cell, and the engine
//! reports a race when the two are not ordered, whichever ran first. The first half is judged by the order of calls
//! where that is known: the call that made the callback began only after a completion had been answered.
//! Specification: I5; Windows: bug check 0x48, Driver Verifier 0xC9.

use cancelproof_model::Rule;

use super::{Evidence, publication};
use crate::exploration::FailureKind;
use crate::history::{Event, Operation, Thread};

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
        let maker = open_call(&evidence.operations, thread, position);
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

/// The innermost call of `thread` that was waiting for its answer at `position`.
fn open_call(operations: &[Operation], thread: Thread, position: usize) -> Option<&Operation> {
    operations.iter().rev().find(|operation| {
        operation.thread == thread
            && operation.called < position
            && operation.answer.is_none_or(|(answered, _)| answered > position)
    })
}
