//! The step at which an execution broke its rule.

use std::collections::HashMap;

use cancelproof_machine::Rule;

use super::data::{Finding, Trace, What};
use crate::exploration::FailureKind;

/// What the rule was judged on.
pub(super) struct Evidence<'a> {
    /// How many events it took until the rule was broken, whatever followed.
    pub(super) broken_from: Option<usize>,
    pub(super) failure: Option<&'a FailureKind>,
    pub(super) steps_of_events: &'a HashMap<usize, usize>,
}

/// The step at which the rule was broken. For a race, the trace is cut after its second access.
pub(super) fn find(trace: &mut Trace, rule: Rule, evidence: &Evidence<'_>) -> Option<usize> {
    match evidence.failure {
        Some(FailureKind::DataRace { first, second }) => {
            find_race(trace, first.as_deref(), second.as_deref())
        }
        Some(FailureKind::Panic { .. } | FailureKind::Unbounded { .. }) => {
            last(trace, |what| matches!(what, What::Finding(_)))
        }
        Some(FailureKind::Deadlock { .. }) => last(trace, |what| matches!(what, What::Stuck { .. })),
        _ => in_history(trace, rule, evidence),
    }
}

fn last(trace: &Trace, wanted: impl Fn(&What) -> bool) -> Option<usize> {
    trace.steps.iter().rposition(|step| wanted(&step.what))
}

/// The last two accesses to one cell by two threads, at these places. What comes after them was never judged.
fn find_race(trace: &mut Trace, first: Option<&str>, second: Option<&str>) -> Option<usize> {
    let is_at = |step: usize, place: Option<&str>| {
        let found = trace.steps[step].place.as_ref().map(ToString::to_string);
        place.is_none() || found.as_deref() == place
    };
    let object = |step: usize| match &trace.steps[step].what {
        What::Operation(access) => access.object,
        _ => None,
    };
    let pair = (0..trace.steps.len()).rev().filter(|&later| is_at(later, second)).find_map(|later| {
        let races = |&earlier: &usize| {
            trace.steps[earlier].lane != trace.steps[later].lane
                && object(earlier).is_some()
                && object(earlier) == object(later)
                && is_at(earlier, first)
        };
        (0..later).rev().find(races).map(|earlier| (earlier, later))
    });
    let (earlier, later) = pair?;
    let text = "these two accesses are not ordered".to_owned();
    let mut finding = trace.steps[later].clone();
    finding.what = What::Finding(Finding { text, race: Some((earlier, later)) });
    finding.switch = None;
    finding.ordered_after = Vec::new();
    trace.steps.truncate(later + 1);
    trace.steps.push(finding);
    Some(later)
}

/// The event from which on the rule is broken, whatever follows. Where the rule is about the answers as a whole, the
/// first step that no run of the machine explains says more.
fn in_history(trace: &Trace, rule: Rule, evidence: &Evidence<'_>) -> Option<usize> {
    let length = evidence.broken_from?;
    let step = evidence.steps_of_events.get(&(length - 1)).copied();
    let unexplained = trace.steps.iter().position(|step| !step.is_explained);
    match (rule, unexplained) {
        (Rule::Linearizable | Rule::MisuseRefused, Some(unexplained)) => {
            Some(step.map_or(unexplained, |step| step.min(unexplained)))
        }
        _ => step,
    }
}
