//! `request-completed`: where drivers do their part, nothing is pending for ever.

use super::Evidence;
use crate::system::history::{Answer, Event};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.scenario.ends || !evidence.is_settled() {
        return None;
    }
    let open = evidence.requests().find(|wanted| {
        evidence.count(|event| matches!(event, Event::Completed { request, .. } if request == wanted)) == 0
    });
    if let Some(request) = open {
        return Some(format!("request {request} has not ended"));
    }
    let sent = evidence
        .of(Verb::Send)
        .filter(|send| matches!(send.reply(), Some(Answer::Submitted | Answer::NotSubmitted)));
    let (sent, ended) = (sent.count(), evidence.count(|event| matches!(event, Event::SentCompleted { .. })));
    if ended < sent {
        return Some(format!("{sent} requests were sent, and the completion of {ended} ran"));
    }
    let purged = evidence.place(|event| *event == Event::Purged);
    let is_early = purged.filter(|_| evidence.is_real_time()).is_some_and(|purged| {
        evidence.events[purged..].iter().any(|event| matches!(event, Event::Completed { .. }))
    });
    if is_early {
        return Some("the driver is told that the purge is over, and still owns a request".to_owned());
    }
    if purged.is_some_and(|purged| evidence.is_real_time() && is_called_back_at(evidence, purged)) {
        return Some(
            "the driver is told that the purge is over, and a callback of its still runs".to_owned(),
        );
    }
    let is_purged = purged.is_some();
    (evidence.of(Verb::PurgeAndTell).next().is_some() && !is_purged)
        .then(|| "the purge is over, and the driver was not told".to_owned())
}

/// Whether a cancel callback has started before `place` and returns after it.
fn is_called_back_at(evidence: &Evidence<'_>, place: usize) -> bool {
    let before = &evidence.events[..place];
    let starts = before.iter().filter(|event| matches!(event, Event::CallbackStarted { .. })).count();
    let returns = before.iter().filter(|event| matches!(event, Event::CallbackReturned { .. })).count();
    starts > returns
}
