//! `status-kept`: a request ends with the status that it was completed with, whoever cancels.

use super::Evidence;
use crate::system::history::{Answer, Event};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
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
