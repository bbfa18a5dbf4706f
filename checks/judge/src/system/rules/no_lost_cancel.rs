//! `no-lost-cancel`: a cancel, or a purge, of a marked request leads to its callback, however early it comes; and a cancel
//! of one that waits in a queue leads to its end.

use super::Evidence;
use crate::system::history::{Answer, Event, Request};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.is_settled() {
        return None;
    }
    if let Some(request) = evidence.requests().find(|&request| is_left_in_queue(evidence, request)) {
        return Some(format!("request {request} was canceled, and waits in the queue for ever"));
    }
    evidence.requests().find_map(|request| {
        let mark = evidence.standing_mark(request)?;
        if evidence.starts(mark) > 0 {
            return None;
        }
        if evidence.events.contains(&Event::Touched { request }) {
            return Some(format!(
                "request {request} is marked and was canceled, and its callback never came"
            ));
        }
        is_purged(evidence, mark).then(|| {
            format!("request {request} is marked and its queue was purged, and its callback never came")
        })
    })
}

/// Whether a request was canceled and put into a queue, and has never left it.
fn is_left_in_queue(evidence: &Evidence<'_>, wanted: Request) -> bool {
    let is_touched = evidence.events.contains(&Event::Touched { request: wanted });
    let mut moves = evidence.of(Verb::Requeue).chain(evidence.of(Verb::Forward));
    let is_moved = moves.any(|call| call.request() == Some(wanted) && call.reply() == Some(Answer::Moved));
    let has_left = evidence.events.iter().any(|event| match event {
        Event::Completed { request, .. } => *request == wanted,
        Event::Answered { answer, .. } => *answer == Answer::Retrieved(wanted),
        _ => false,
    });
    is_touched && is_moved && !has_left
}

/// Whether the queue was purged with that mark standing, or before. A queue that was opened again counts only if the
/// mark was there before.
fn is_purged(evidence: &Evidence<'_>, mark: u8) -> bool {
    let is_opened = evidence.of(Verb::Open).next().is_some();
    let mut purges = evidence.of(Verb::Purge).chain(evidence.of(Verb::PurgeAndTell));
    purges.any(|purge| {
        let marking = evidence.operations.iter().find(|operation| operation.arming == Some(mark));
        !is_opened || marking.is_some_and(|marking| evidence.precedes(marking, purge))
    })
}
