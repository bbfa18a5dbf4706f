//! Judgements by loom and shuttle with which another process can go on.
//!
//! What crosses is the position of the engine together with everything that the executions before it have shown, so that a
//! judgement in several parts is the judgement that one process would have given. Both are taken at the same moment: at the
//! beginning of an execution, when all before it have been judged.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use cancelproof_machine::Rule;
use serde::{Deserialize, Serialize};

use super::{Engine, NotApplicable, Settings, Trial, applicable, body, claimed, judge, reduced};
use crate::coverage::Coverage;
use crate::engine::resuming::{Position, Resuming, Unresumable};
use crate::engine::{self, claims};
use crate::exploration::Exploration;
use crate::history::Outcome;
use crate::scenario::Scenario;
use crate::subject::{Platform, Subject};
use crate::verdict::{Judgement, Reached, Verdict, outcome_list};

/// What executions have shown so far, none of which broke a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What they have reached.
    pub reached: Reached,
    /// Each outcome with the number of executions that had it.
    #[serde(with = "outcome_list")]
    pub outcomes: BTreeMap<Outcome, u64>,
    /// What of the abstract machine they have gone along.
    pub coverage: Coverage,
}

/// A judgement that has not come to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    /// Where the engine stands.
    pub position: Position,
    /// What the executions before that have shown.
    pub seen: Seen,
}

/// Who is told how far a judgement has come.
#[derive(Clone)]
pub struct Keeping {
    /// A file that is the engine's own meanwhile.
    pub scratch: PathBuf,
    /// The executions between two times.
    pub every: u64,
    /// Is told, on any thread; the judgement waits for it.
    pub keep: Arc<dyn Fn(&Underway) + Send + Sync>,
}

impl fmt::Debug for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeping")
            .field("scratch", &self.scratch)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

impl Keeping {
    /// What the engine is told, where `seen` says what has been seen by then.
    pub(crate) fn resuming(
        &self,
        from: Option<Position>,
        seen: impl Fn() -> Seen + Send + Sync + 'static,
    ) -> Resuming {
        let keep = Arc::clone(&self.keep);
        Resuming {
            from,
            every: self.every,
            scratch: self.scratch.clone(),
            keep: Arc::new(move |position| {
                keep(&Underway { position: position.clone(), seen: seen() });
            }),
        }
    }
}

/// The verdict where an exploration could not go on.
pub(crate) fn not_resumed(error: &Unresumable) -> Judgement {
    Judgement::without_executions(Verdict::ToolFailure { reason: error.to_string() })
}

/// Likewise [`judge`], from where another process was interrupted, and tells how far it has come. Engines other than loom and
/// shuttle's depth-first search begin at the beginning and tell nothing.
///
/// `from` has to be of the same request, scenario and engine, as this very program judges them: nobody here notices if it is
/// not.
///
/// # Errors
///
/// As for [`judge`].
pub fn judge_resuming(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    settings: Settings,
    from: Option<Underway>,
    keeping: &Keeping,
) -> Result<Judgement, NotApplicable> {
    if !engine.is_witness() {
        return judge(subject, scenario, engine, settings);
    }
    let contract = subject.contract();
    applicable::check(subject, contract, scenario, engine)?;
    let trial = Trial::new(scenario, contract, &Rule::ALL, engine.order());
    trial.reduce(engine);
    let position = from.map(|Underway { position, seen }| {
        trial.begin_with(seen);
        position
    });
    let watched = Arc::clone(&trial);
    let resuming = keeping.resuming(position, move || watched.seen());
    Ok(match explore(subject, &trial, engine, settings, resuming) {
        Ok(exploration) => trial.conclude(&exploration),
        Err(error) => not_resumed(&error),
    })
}

fn explore(
    subject: &'static dyn Subject,
    trial: &Arc<Trial>,
    engine: Engine,
    settings: Settings,
    resuming: Resuming,
) -> Result<Exploration, Unresumable> {
    let Settings { executions, time, .. } = settings;
    if engine == Engine::Loom {
        let body = reduced(Platform::Loom, trial, body(trial, move || subject.on_loom()));
        let options = engine::loom::Options { executions, time };
        let exploration = engine::loom::explore_resuming(options, resuming, body)?;
        return Ok(claimed(exploration, &claims::LOOM, subject));
    }
    let body = reduced(Platform::Shuttle, trial, body(trial, move || subject.on_shuttle()));
    engine::shuttle::explore_resuming(engine::shuttle::Options { executions, time }, resuming, body)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::exploration::Bound;
    use crate::registry;
    use crate::scenario::catalogue;

    /// Judges a request in parts of so many executions, and returns the judgement with the number of parts.
    fn in_parts(request: &str, scenario: &str, engine: Engine, part: u64) -> (Judgement, usize) {
        let subject = registry::subject(request).expect("it is registered");
        let scenario = catalogue::named(scenario).expect("it is in the catalogue");
        let folder = std::env::temp_dir().join(format!("cancelproof-parts-{}-{engine}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        let last = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&last);
        let keeping = Keeping {
            scratch: folder.join("scratch"),
            every: part,
            keep: Arc::new(move |underway: &Underway| {
                *kept.lock().expect("nobody panics") = Some(underway.clone());
            }),
        };
        let settings = Settings { executions: Some(1), ..Settings::default() };
        for parts in 1.. {
            let from = last.lock().expect("nobody panics").take();
            let judgement = judge_resuming(subject, &scenario, engine, settings, from, &keeping)
                .expect("they fit together");
            let is_over = !matches!(judgement.verdict, Verdict::Bounded(Bound::Executions(_)));
            if is_over {
                std::fs::remove_dir_all(&folder).expect("it is there");
                return (judgement, parts);
            }
        }
        unreachable!("there is no last number")
    }

    /// The limit of one execution is below what lies between two positions: each part gets on nevertheless.
    #[test]
    fn a_judgement_in_many_parts_is_the_judgement_in_one() {
        for (engine, parts_min) in [(Engine::Loom, 5), (Engine::Shuttle, 5)] {
            let subject = registry::subject("word").expect("it is registered");
            let scenario = catalogue::named("mark-finish-two-cancels").expect("it is in the catalogue");
            let whole = judge(subject, &scenario, engine, Settings::default()).expect("they fit together");
            let (parted, parts) = in_parts("word", "mark-finish-two-cancels", engine, 199);
            assert!(parts >= parts_min, "{parts} parts by {engine}");
            assert_eq!(parted, whole, "by {engine}");
            assert_eq!(whole.verdict, Verdict::Proved);
        }
    }

    #[test]
    fn a_fault_that_shows_in_a_later_part_is_found_and_its_execution_numbered_as_in_one() {
        let fault = registry::fault("word-checks-then-claims").expect("it is registered");
        let scenario = catalogue::named(fault.about.scenario).expect("it is in the catalogue");
        for engine in [Engine::Loom, Engine::Shuttle] {
            let whole =
                judge(fault.subject, &scenario, engine, Settings::default()).expect("they fit together");
            let (parted, _) = in_parts(fault.about.name, fault.about.scenario, engine, 1);
            assert_eq!(parted.verdict, whole.verdict, "by {engine}");
            assert!(matches!(parted.verdict, Verdict::Refuted { .. }), "by {engine}");
        }
    }

    /// The comparison would notice it if a part were left out.
    #[test]
    fn a_part_that_is_lost_shows_in_the_judgement() {
        let subject = registry::subject("word").expect("it is registered");
        let scenario = catalogue::named("mark-finish-two-cancels").expect("it is in the catalogue");
        let whole =
            judge(subject, &scenario, Engine::Shuttle, Settings::default()).expect("they fit together");
        let keeping = Keeping {
            scratch: std::env::temp_dir().join("cancelproof-unused"),
            every: u64::MAX,
            keep: Arc::new(|_| {}),
        };
        // As if everything below the first choice had been explored.
        let position = Position { place: "1".to_owned(), ..Position::default() };
        let from = Underway { position, seen: Seen::default() };
        let rest =
            judge_resuming(subject, &scenario, Engine::Shuttle, Settings::default(), Some(from), &keeping)
                .expect("they fit together");
        assert!(rest.executions < whole.executions, "{} of {}", rest.executions, whole.executions);
    }
}
