//! *linearizable*: the answers of all calls fit one run of the machine.
//!
//! Calls are put into one order that keeps the real-time order where the engine knows one, and the order within each
//! thread where it does not; then this is sequential consistency of the request, the strongest claim that makes sense
//! under a weak memory model. A call that panics has no answer, so it breaks this rule. Source: Herlihy and Wing,
//! "Linearizability: a correctness condition for concurrent objects", 1990.

use cancelproof_machine::machine::Call;

use super::{Evidence, Explained, asked};
use crate::execution::STALE_CONTEXT;
use crate::exploration::FailureKind;
use crate::history::{Operation, Title};

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(kind @ FailureKind::Panic { message }) = evidence.failure {
        return (!kind.is_of_lifetime() && !message.starts_with(STALE_CONTEXT))
            .then(|| format!("a call panicked: {message}"));
    }
    if !evidence.answers_are_judged() || !evidence.history.is_settled() {
        return None;
    }
    if let Some(call) = offered_at_times(evidence) {
        return Some(format!("{call} was refused as not offered, and answered otherwise as well"));
    }
    if evidence.explained() != Explained::Never {
        return asked::check(evidence);
    }
    let calls: Vec<String> = evidence.operations.iter().map(describe).collect();
    Some(format!("no run of the {} machine answers like this: {}", evidence.contract, calls.join(", ")))
}

/// A call that the request said it does not have, and answered all the same at another time.
fn offered_at_times(evidence: &Evidence<'_>) -> Option<Call> {
    let missing = evidence.operations.iter().find(|operation| operation.is_not_offered())?.call;
    let is_other = |operation: &&Operation| operation.answer.is_some() && !operation.is_not_offered();
    evidence.calls(missing).any(|operation| is_other(&operation)).then_some(missing)
}

/// A call with its answer.
pub(super) fn describe(operation: &Operation) -> String {
    let raw = if operation.title == Title::Raw { "!" } else { "" };
    let reply = operation.reply().map_or_else(|| "no answer".to_owned(), |reply| reply.to_string());
    format!("thread {} {}{raw} = {reply}", operation.thread, operation.call)
}
