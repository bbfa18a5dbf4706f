//! `status-kept`: a request ends with the status that it was completed with, whoever cancels.
//!
//! Also not before: what its driver has left by then is there for whoever was told of the end.

use cancelproof_machine::Rule;

use super::Evidence;
use crate::system::history::{Answer, Event};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(race) = evidence.is_race(Rule::StatusKept) {
        return Some(format!("the application is told of an end before its driver has completed: {race}"));
    }
    let waiting = evidence.of(Verb::Collect).chain(evidence.of(Verb::Block));
    for wait in waiting {
        let (Some(Answer::Ended(found)), Some(wanted)) = (wait.reply(), wait.request()) else { continue };
        let given = evidence.events.iter().find_map(|event| match event {
            Event::Completed { request, status } if *request == wanted => Some(*status),
            _ => None,
        });
        if given != Some(found) {
            let given = given.map_or_else(|| "not at all".to_owned(), |status| status.to_string());
            return Some(format!("request {wanted} was completed {given}, and the application sees {found}"));
        }
    }
    None
}
