//! `reentrant-callback`: a callback may call the framework, which holds no lock of its own meanwhile.

use cancelproof_machine::Unmark;
use cancelproof_machine::machine::Reply;

use super::Evidence;
use crate::exploration::FailureKind;
use crate::system::history::Answer;
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(FailureKind::Deadlock { blocked }) = evidence.failure {
        let request = evidence.running_callback()?;
        return Some(format!(
            "the callback of request {request} is blocked for ever: {}",
            blocked.join(", ")
        ));
    }
    let unmarked = Some(Answer::Reply(Reply::Unmark(Unmark::Unmarked)));
    let inside = evidence.of(Verb::Unmark).find(|unmark| {
        let in_own_callback = unmark.inside.is_some_and(|inside| {
            evidence.events[..unmark.called].iter().any(|event| {
                matches!(event, crate::system::history::Event::CallbackStarted { request, .. } if *request == inside)
            })
        });
        in_own_callback && unmark.inside == unmark.request() && unmark.reply() == unmarked
    })?;
    Some(format!("{} is granted inside the callback of the same request", inside.step))
}
