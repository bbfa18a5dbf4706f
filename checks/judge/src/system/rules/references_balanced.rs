//! `references-balanced`: every reference is given back once.
//!
//! A request whose callback runs is alive (invariant I9), and one that has ended and is not called back any more is
//! not (I11). A callback object is alive while it is called (I10), and destroyed once when everybody has let go.

use cancelproof_machine::Rule;

use super::Evidence;
use crate::system::history::{Event, Request};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(race) = evidence.is_race(Rule::ReferencesBalanced) {
        return Some(format!("the callback object is destroyed while it is used: {race}"));
    }
    evidence.requests().find_map(|request| of_request(evidence, request)).or_else(|| of_object(evidence))
}

fn of_request(evidence: &Evidence<'_>, wanted: Request) -> Option<String> {
    let is_destroyed = |event: &Event| *event == Event::Destroyed { request: wanted };
    let count = evidence.count(is_destroyed);
    if count > 1 {
        return Some(format!("request {wanted} is destroyed {count} times"));
    }
    if let Some(destroyed) = evidence.place(is_destroyed)
        && evidence.is_real_time()
        && is_called_after(evidence, destroyed, Some(wanted))
    {
        return Some(format!("request {wanted} is destroyed before its callback has returned"));
    }
    let has_ended = evidence
        .place(|event| matches!(event, Event::Completed { request, .. } if *request == wanted))
        .is_some();
    match (evidence.is_settled(), has_ended, count) {
        (true, true, 0) => Some(format!("request {wanted} has ended and is never destroyed")),
        (true, false, 1) => Some(format!("request {wanted} is destroyed and has not ended")),
        _ => None,
    }
}

/// Whether a callback was running, or was started, after that place.
fn is_called_after(evidence: &Evidence<'_>, place: usize, of: Option<Request>) -> bool {
    evidence.events[place..].iter().any(|event| match event {
        Event::CallbackStarted { request, .. } | Event::CallbackReturned { request, .. } => {
            of.is_none_or(|of| of == *request)
        }
        _ => false,
    })
}

fn of_object(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.scenario.program.has(&[Verb::Release]) || !evidence.is_settled() {
        return None;
    }
    let is_destroyed = |event: &Event| *event == Event::ObjectDestroyed;
    if evidence.is_real_time()
        && let Some(destroyed) = evidence.place(is_destroyed)
        && is_called_after(evidence, destroyed, None)
    {
        return Some("the callback object is destroyed before its callback has returned".to_owned());
    }
    match evidence.count(is_destroyed) {
        1 => None,
        0 => Some("everybody has let go of the callback object, and it is not destroyed".to_owned()),
        count => Some(format!("the callback object is destroyed {count} times")),
    }
}
