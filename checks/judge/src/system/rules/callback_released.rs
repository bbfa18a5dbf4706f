//! `callback-released`: the reference on a callback object is given back exactly once, and not while it runs.

use super::Evidence;
use crate::system::history::Event;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    evidence.operations.iter().find_map(|operation| {
        let mark = operation.arming?;
        let is_release = |event: &Event| *event == Event::Released { arming: mark };
        let count = evidence.count(is_release);
        if count > 1 {
            return Some(format!("the callback object of mark {} is released {count} times", mark + 1));
        }
        if count == 0 {
            let is_over = evidence.is_settled();
            return is_over.then(|| format!("the callback object of mark {} is never released", mark + 1));
        }
        let released = evidence.place(is_release)?;
        let is_running = evidence.events[released..]
            .iter()
            .any(|event| matches!(event, Event::CallbackReturned { arming, .. } if *arming == mark));
        is_running
            .then(|| format!("the callback object of mark {} is released before it has returned", mark + 1))
    })
}
