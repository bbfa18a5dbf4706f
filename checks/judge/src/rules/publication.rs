//! *publication*: what was written before a hand-over is visible after it, so there is no data race, neither on the
//! request's own cells nor on what the driver wrote for its callback.
//!
//! Judged by happens-before: the engine reports the two accesses that are not ordered. A callback that sees an older
//! value than its mark wrote is the same fault on a machine that shows it. Source: C++20 [intro.races].

use cancelproof_machine::Rule;

use super::Evidence;
use crate::execution::{CONTEXT_FILE, PAYLOAD_FILE, STALE_CONTEXT};
use crate::exploration::FailureKind;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure? {
        race @ FailureKind::DataRace { first, second } => {
            if raced_rule(race, evidence.attention) != Rule::Publication {
                return None;
            }
            let place =
                |place: &Option<String>| place.clone().unwrap_or_else(|| "an unnamed line".to_owned());
            let what = if is_at(race, CONTEXT_FILE) {
                "what the driver wrote before marking does not reach the callback: "
            } else {
                "two accesses are not ordered: "
            };
            Some(format!("{what}{} and {}", place(first), place(second)))
        }
        FailureKind::Panic { message } if message.starts_with(STALE_CONTEXT) => Some(message.clone()),
        _ => None,
    }
}

/// The rule that a data race breaks: that of the harness's cell, if it is one, and this one otherwise.
pub(super) fn raced_rule(race: &FailureKind, attention: Option<Rule>) -> Rule {
    match (is_at(race, PAYLOAD_FILE), is_at(race, CONTEXT_FILE)) {
        (true, _) => Rule::NeverAfterCompletion,
        (_, true) => Rule::Publication,
        _ => attention.unwrap_or(Rule::Publication),
    }
}

fn is_at(race: &FailureKind, file: &str) -> bool {
    let FailureKind::DataRace { first, second } = race else { return false };
    [first, second].into_iter().flatten().any(|place| place.contains(file))
}
