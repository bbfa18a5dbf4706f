//! What a judgement says, and never more than was explored.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::exploration::{Bound, Exploration, Extent, Failure};
use crate::history::Outcome;
use crate::rules::Violation;
use crate::scenario::Reaches;

/// The verdict on one request in one scenario under one engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Every execution that the engine's memory model allows keeps every rule.
    Proved,
    /// Every execution within the bound keeps every rule; nothing is claimed beyond it.
    Bounded(Bound),
    /// The executions that were drawn keep every rule; nothing is claimed of others.
    Sampled,
    /// An execution breaks a rule.
    Refuted {
        /// The rule and what happened.
        violation: Violation,
        /// The execution.
        failure: Failure,
    },
    /// No execution did what the scenario is about, so that nothing was judged.
    Vacuous {
        /// What was never reached.
        missing: String,
    },
    /// The suite itself failed: its answer would mean nothing.
    ToolFailure {
        /// What went wrong.
        reason: String,
    },
}

/// A verdict with everything that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Executions that ran to their end.
    pub executions: u64,
    /// Executions that were begun and given up as redundant.
    pub abandoned: u64,
    /// Each outcome with the number of executions that had it.
    #[serde(with = "outcome_list")]
    pub outcomes: BTreeMap<Outcome, u64>,
    /// What of the abstract machine the executions have gone along, as far as answers are judged in the scenario.
    #[serde(default)]
    pub coverage: Coverage,
    /// The outcome of the failing execution, where the harness saw the failure and not the engine.
    #[serde(default)]
    pub failing: Option<Outcome>,
}

impl Judgement {
    /// A verdict that rests on no execution.
    #[must_use]
    pub fn without_executions(verdict: Verdict) -> Self {
        let (outcomes, coverage) = (BTreeMap::new(), Coverage::default());
        Judgement { verdict, executions: 0, abandoned: 0, outcomes, coverage, failing: None }
    }
}

/// What the executions of an exploration have reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Executions in which a callback was called.
    pub callbacks: u64,
    /// Executions in which a cancel was answered.
    pub cancels: u64,
    /// Executions in which a completion was accepted or a misuse refused.
    pub answers: u64,
}

impl Reached {
    /// What the scenario is about and was not reached, if so.
    #[must_use]
    pub fn missing(self, reaches: Reaches) -> Option<&'static str> {
        match reaches {
            Reaches::Callback if self.callbacks == 0 => Some("the callback ran in no execution"),
            Reaches::Cancel | Reaches::Callback if self.cancels == 0 => {
                Some("the cancel was answered in no execution")
            }
            Reaches::Answer if self.answers == 0 => {
                Some("no execution accepted a completion or refused a misuse")
            }
            _ => None,
        }
    }
}

impl Verdict {
    /// The verdict on an exploration without failure.
    #[must_use]
    pub fn of_passing(exploration: &Exploration, reached: Reached, aim: Reaches) -> Self {
        match (&exploration.extent, reached.missing(aim)) {
            // Whatever the bound, nothing was judged.
            (Extent::Bounded(bound), _) if exploration.executions == 0 => {
                Verdict::without_an_execution(bound)
            }
            // What was cut short may not have come to the point yet; it promises nothing in any case.
            (Extent::Bounded(bound), _) => Verdict::Bounded(bound.clone()),
            (_, Some(missing)) => Verdict::Vacuous { missing: missing.to_owned() },
            (Extent::Exhausted, None) => Verdict::Proved,
            (Extent::Sampled, None) => Verdict::Sampled,
            (Extent::StoppedAtFailure, None) => {
                Verdict::ToolFailure { reason: "the engine stopped at a failure and named none".to_owned() }
            }
        }
    }

    /// The verdict on an exploration that a bound ended before any execution came to its end.
    #[must_use]
    pub fn without_an_execution(bound: &Bound) -> Self {
        Verdict::Vacuous { missing: format!("no execution came to its end: {bound}") }
    }

    /// The verdict in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Bounded(_) => "bounded",
            Verdict::Sampled => "sampled",
            Verdict::Refuted { .. } => "refuted",
            Verdict::Vacuous { .. } => "vacuous",
            Verdict::ToolFailure { .. } => "tool failure",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Proved | Verdict::Sampled => f.write_str(self.word()),
            Verdict::Bounded(bound) => write!(f, "bounded: {bound}"),
            Verdict::Refuted { violation, .. } => write!(f, "refuted: {violation}"),
            Verdict::Vacuous { missing } => write!(f, "vacuous: {missing}"),
            Verdict::ToolFailure { reason } => write!(f, "tool failure: {reason}"),
        }
    }
}

/// JSON has no maps with keys that are not text, so the outcomes travel as a list of pairs.
pub(crate) mod outcome_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::history::Outcome;

    pub(crate) fn serialize<S: Serializer>(
        outcomes: &BTreeMap<Outcome, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        outcomes.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Outcome, u64>, D::Error> {
        Ok(Vec::<(Outcome, u64)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exploration(extent: Extent) -> Exploration {
        Exploration { executions: 1, abandoned: 0, extent, failure: None }
    }

    #[test]
    fn only_an_exhausted_exploration_is_proved() {
        let reached = Reached { callbacks: 1, cancels: 1, answers: 1 };
        let verdict = |extent| Verdict::of_passing(&exploration(extent), reached, Reaches::Callback);
        assert_eq!(verdict(Extent::Exhausted), Verdict::Proved);
        assert_eq!(verdict(Extent::Sampled), Verdict::Sampled);
        assert_eq!(verdict(Extent::Bounded(Bound::Executions(1))), Verdict::Bounded(Bound::Executions(1)));
        assert!(matches!(verdict(Extent::StoppedAtFailure), Verdict::ToolFailure { .. }));
    }

    #[test]
    fn an_exploration_without_a_complete_execution_is_vacuous_whatever_the_bound() {
        let reached = Reached { callbacks: 1, cancels: 1, answers: 1 };
        for bound in [Bound::Steps(10_000), Bound::Threads(16), Bound::Executions(0)] {
            let exploration = Exploration { executions: 0, ..exploration(Extent::Bounded(bound)) };
            let verdict = Verdict::of_passing(&exploration, reached, Reaches::Callback);
            assert!(matches!(verdict, Verdict::Vacuous { .. }), "{verdict}");
        }
    }

    #[test]
    fn a_scenario_that_did_not_do_what_it_is_about_is_vacuous_however_exhausted() {
        for (reached, reaches) in [
            (Reached { callbacks: 0, cancels: 1, answers: 1 }, Reaches::Callback),
            (Reached { callbacks: 1, cancels: 0, answers: 1 }, Reaches::Callback),
            (Reached { callbacks: 0, cancels: 0, answers: 1 }, Reaches::Cancel),
            (Reached { callbacks: 0, cancels: 0, answers: 0 }, Reaches::Answer),
        ] {
            let verdict = Verdict::of_passing(&exploration(Extent::Exhausted), reached, reaches);
            assert!(matches!(verdict, Verdict::Vacuous { .. }), "{reached:?} {reaches:?}");
        }
    }
}
