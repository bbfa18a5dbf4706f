//! Engines audit each other: what two of them have exhausted must have the same outcomes.
//!
//! The reference requests take every decision in read-modify-writes, of which every memory model has one order, so
//! sequentially consistent and weak-memory engines reach the same outcomes on them. Where a request lets the engines
//! differ, and the litmus suite shows on which programs they do, the difference is explained by the smallest of those
//! programs. Any other is a failure of the suite, and both engines are named.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::Answers;
use super::expectation::Expectation;
use super::plan::Plan;
use crate::history::Outcome;
use crate::job::{Answer, Task};
use crate::judge::Engine;
use crate::litmus::Deviation;
use crate::mutation::{Written, written_operations};
use crate::registry;
use crate::scenario::catalogue;
use crate::verdict::Verdict;

/// An outcome on which two engines differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) request: String,
    pub(super) scenario: String,
    pub(super) reached_by: Engine,
    pub(super) not_by: Engine,
    pub(super) outcome: Outcome,
    /// The known way in which one of the engines differs from the memory model, if that is what shows here.
    pub(super) explained: Option<Deviation>,
}

impl Difference {
    /// Whether the suite cannot say why the engines differ, so that neither can be believed.
    pub(super) fn is_failure(&self) -> bool {
        self.explained.is_none()
    }

    /// Tells it, and why it is so.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "\n{} / {}: {} reaches an outcome that {} does not:\n  {}",
            self.request, self.scenario, self.reached_by, self.not_by, self.outcome
        )?;
        let why = match self.explained {
            Some(deviation) => {
                format!("as the litmus program {} shows: {}", deviation.shown_by(), deviation.explanation())
            }
            None => "no litmus program explains it, so one of the engines cannot be believed".to_owned(),
        };
        writeln!(out, "  {why}")
    }
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
                explained: explanation(&request, &scenario, reached_by, not_by),
                request: request.clone(),
                scenario: scenario.clone(),
                reached_by,
                not_by,
                outcome,
            })
        })
        .collect()
}

/// Why one engine reaches what the other does not, if the litmus suite shows that it may.
fn explanation(request: &str, scenario: &str, reached_by: Engine, not_by: Engine) -> Option<Deviation> {
    match (reached_by, not_by) {
        (Engine::Loom | Engine::Rc11, Engine::Shuttle | Engine::Dpor) => {
            Some(Deviation::SequentiallyConsistent)
        }
        (Engine::Loom, Engine::Rc11) => {
            let (subject, scenario) = (registry::subject(request)?, catalogue::named(scenario)?);
            of_loom(&written_operations(subject, &scenario))
        }
        _ => None,
    }
}

/// What loom makes too much of, if one of these operations gives it the occasion.
fn of_loom(operations: &[Written]) -> Option<Deviation> {
    let stores = operations.iter().any(|written| matches!(written, Written::Store(_)));
    let updates = operations
        .iter()
        .any(|written| matches!(written, Written::Update(..) | Written::CompareExchange { .. }));
    if stores && updates {
        return Some(Deviation::UpdateTornByStore);
    }
    operations.iter().any(|written| written.is_sequentially_consistent()).then_some(Deviation::OrderIgnored)
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
    use std::sync::atomic::Ordering::{Relaxed, SeqCst};

    use super::*;

    #[test]
    fn a_difference_is_explained_only_by_an_operation_that_gives_the_occasion() {
        use Engine::{Dpor, Loom, Rc11, Shuttle};
        let scenario = "marked-finish-cancel";
        let explained = |reached_by, not_by| explanation("word", scenario, reached_by, not_by);
        assert_eq!(explained(Rc11, Dpor), Some(Deviation::SequentiallyConsistent));
        assert_eq!(explained(Shuttle, Dpor), None);
        assert_eq!(explained(Dpor, Rc11), None);
        assert_eq!(explained(Rc11, Loom), None);
        // The request has neither plain stores nor sequentially consistent accesses.
        assert_eq!(explained(Loom, Rc11), None);
        let update = Written::Update(crate::operation::Update::Or, Relaxed);
        assert_eq!(of_loom(&[update, Written::Store(Relaxed)]), Some(Deviation::UpdateTornByStore));
        assert_eq!(of_loom(&[Written::Store(Relaxed)]), None);
        assert_eq!(of_loom(&[Written::Load(SeqCst)]), Some(Deviation::OrderIgnored));
    }

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
