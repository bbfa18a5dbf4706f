//! Engines audit each other: what two of them have exhausted must have the same outcomes.
//!
//! The reference requests take every decision in read-modify-writes, of which every memory model has one order, so
//! sequentially consistent and weak-memory engines reach the same outcomes on them. An outcome that one exhaustive
//! engine reaches and another does not is then a failure of the suite, and both are named.

use std::collections::{BTreeMap, BTreeSet};

use super::Answers;
use super::plan::{Expectation, Plan};
use crate::history::Outcome;
use crate::job::{Answer, Task};
use crate::judge::Engine;
use crate::verdict::Verdict;

/// An outcome on which two engines differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) request: String,
    pub(super) scenario: String,
    pub(super) reached_by: Engine,
    pub(super) not_by: Engine,
    pub(super) outcome: Outcome,
}

/// The outcomes that one engine reaches.
type Reached<'a> = (Engine, BTreeSet<&'a Outcome>);

/// All differences between engines that proved the same request in the same scenario.
pub(super) fn differences(plan: &Plan, answers: &Answers) -> Vec<Difference> {
    let mut proved: BTreeMap<(&str, &str), Vec<Reached<'_>>> = BTreeMap::new();
    for ((job, expectation), answer) in plan.jobs.iter().zip(&plan.expectations).zip(answers) {
        let (Task::Scenario { request, scenario }, Some(Answer::Judged(judgement))) = (&job.task, answer)
        else {
            continue;
        };
        if *expectation == Expectation::Passes && judgement.verdict == Verdict::Proved {
            let outcomes = judgement.outcomes.keys().collect();
            proved.entry((request, scenario)).or_default().push((job.engine, outcomes));
        }
    }
    proved
        .into_iter()
        .flat_map(|((request, scenario), engines)| {
            let (request, scenario) = (request.to_owned(), scenario.to_owned());
            between(&engines).map(move |(reached_by, not_by, outcome)| Difference {
                request: request.clone(),
                scenario: scenario.clone(),
                reached_by,
                not_by,
                outcome,
            })
        })
        .collect()
}

/// Each engine against the first, in both directions.
fn between<'a>(engines: &[Reached<'a>]) -> impl Iterator<Item = (Engine, Engine, Outcome)> + use<'a> {
    let mut found = Vec::new();
    if let Some(((first, outcomes), others)) = engines.split_first() {
        for (other, theirs) in others {
            found.extend(outcomes.difference(theirs).map(|&outcome| (*first, *other, outcome.clone())));
            found.extend(theirs.difference(outcomes).map(|&outcome| (*other, *first, outcome.clone())));
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_both_engines_whichever_has_more() {
        let [a, b] = ["a", "b"].map(Outcome::from_text);
        let engines = [
            (Engine::Loom, BTreeSet::from([&a])),
            (Engine::Shuttle, BTreeSet::from([&a])),
            (Engine::Dpor, BTreeSet::from([&a, &b])),
        ];
        let found: Vec<_> = between(&engines).collect();
        assert_eq!(found, [(Engine::Dpor, Engine::Loom, b.clone())]);
        let missing = [(Engine::Loom, BTreeSet::from([&a, &b])), (Engine::Dpor, BTreeSet::from([&a]))];
        assert_eq!(between(&missing).collect::<Vec<_>>(), [(Engine::Loom, Engine::Dpor, b.clone())]);
    }
}
