//! `exactly-once`: the callback of one mark starts at most once, and so does every other notification.

use super::Evidence;
use crate::system::history::Event;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    for operation in &evidence.operations {
        let Some(mark) = operation.arming else { continue };
        let starts = evidence.starts(mark);
        if starts > 1 {
            return Some(format!("the callback of mark {} was called {starts} times", mark + 1));
        }
    }
    for wanted in evidence.requests() {
        let told =
            evidence.count(|event| matches!(event, Event::ToldOnQueue { request, .. } if *request == wanted));
        if told > 1 {
            return Some(format!("the driver was told {told} times that request {wanted} was canceled"));
        }
    }
    let purged = evidence.count(|event| *event == Event::Purged);
    (purged > 1).then(|| format!("the driver was told {purged} times that the purge is over"))
}
