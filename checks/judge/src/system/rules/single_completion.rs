//! `single-completion`: a request ends at most once in each of its lives.

use super::Evidence;
use crate::system::history::Event;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    for wanted in evidence.requests() {
        let ends =
            evidence.count(|event| matches!(event, Event::Completed { request, .. } if *request == wanted));
        if ends > 1 {
            return Some(format!("request {wanted} has ended {ends} times"));
        }
    }
    (0..=1).find_map(|wanted| {
        let ends =
            evidence.count(|event| matches!(event, Event::SentCompleted { life, .. } if *life == wanted));
        (ends > 1).then(|| format!("the completion of life {} ran {ends} times", wanted + 1))
    })
}
