//! `never-after-completion`: no callback starts, or still uses the request, after completion.

use cancelproof_machine::Rule;

use super::Evidence;
use crate::system::history::Event;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(race) = evidence.is_race(Rule::NeverAfterCompletion) {
        return Some(format!("a callback uses a request while it is completed: {race}"));
    }
    let is_comparable = evidence.is_real_time();
    evidence.requests().filter(|_| is_comparable).find_map(|wanted| {
        let ended = evidence
            .place(|event| matches!(event, Event::Completed { request, .. } if *request == wanted))?;
        let is_late = evidence.events[ended..]
            .iter()
            .any(|event| matches!(event, Event::CallbackStarted { request, .. } if *request == wanted));
        is_late.then(|| format!("the callback of request {wanted} starts after its completion"))
    })
}
