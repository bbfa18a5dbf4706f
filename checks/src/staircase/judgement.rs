//! The staircase as a judgement on a request: whether every execution of it is a walk through the protocol.

use std::time::Instant;

use super::{climb, is_walked};
use crate::exploration::{Bound, Extent};
use crate::judge::{self, Engine, Settings};
use crate::rules::Violation;
use crate::scenario::{Scenario, catalogue};
use crate::subject::Subject;
use crate::verdict::{Judgement, Verdict};

/// Walks every execution that `dpor` has of `subject`, in every scenario of the catalogue whose executions are walked.
///
/// *Proved* means that each of them is a walk through the protocol. A departure is a refutation where a rule is broken in
/// that scenario as well. Where every rule is kept, the staircase and the rules contradict each other, and that is a
/// failure of the suite. The time of the settings is for all scenarios together.
#[must_use]
pub fn judge(subject: &'static dyn Subject, settings: Settings) -> Judgement {
    let begin = Instant::now();
    let mut executions = 0;
    let mut verdict = Verdict::Proved;
    for scenario in catalogue::all().iter().filter(|scenario| is_walked(scenario)) {
        let time = settings.time.map(|time| time.saturating_sub(begin.elapsed()));
        if let Some(time) = settings.time.filter(|time| *time <= begin.elapsed()) {
            verdict = Verdict::Bounded(Bound::Milliseconds(time.as_millis() as u64));
            break;
        }
        let settings = Settings { time, ..settings };
        // A scenario that does not apply has nothing to walk.
        let Ok(climb) = climb(subject, scenario, Engine::Dpor, settings) else { continue };
        executions += climb.executions;
        if !climb.follows() {
            let what = match (&climb.departure, &climb.failure) {
                (Some(departure), _) => departure.to_string(),
                (None, failure) => format!("the engine stopped: {failure:?}"),
            };
            verdict = departed(subject, scenario, settings, &format!("in {}, {what}", scenario.name));
            break;
        }
        if let Extent::Bounded(bound) = climb.extent {
            verdict = Verdict::Bounded(bound);
        }
    }
    Judgement { executions, ..Judgement::without_executions(verdict) }
}

/// What it means that the executions in a scenario are no walks.
fn departed(subject: &'static dyn Subject, scenario: &Scenario, settings: Settings, what: &str) -> Verdict {
    let judged = judge::judge(subject, scenario, Engine::Dpor, settings).map(|judgement| judgement.verdict);
    match judged {
        Ok(Verdict::Refuted { violation: Violation { rule, .. }, failure }) => {
            Verdict::Refuted { violation: Violation { rule, explanation: what.to_owned() }, failure }
        }
        Ok(other) => Verdict::ToolFailure { reason: format!("{what}; by the rules it is {other}") },
        Err(reason) => {
            Verdict::ToolFailure { reason: format!("{what}; by the rules it is not judged: {reason}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn a_departure_where_every_rule_is_kept_is_the_suite_s_failure() {
        let scenario = catalogue::named("mark-cancel").unwrap();
        let subject = registry::subject("word").unwrap();
        let verdict = departed(subject, &scenario, Settings::default(), "it left");
        let reason = "it left; by the rules it is proved".to_owned();
        assert_eq!(verdict, Verdict::ToolFailure { reason });
    }
}
