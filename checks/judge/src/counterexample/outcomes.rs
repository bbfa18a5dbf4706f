//! Every outcome of a scenario: how it is graded, why, and how it is reached.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Mark, Unmark};

use super::case;
use super::case::Case;
use crate::engine::dpor::Preemptions;
use crate::history::{Event, History, Outcome};
use crate::operation::TaskId;
use crate::rules::Violation;
use crate::scenario::Scenario;
use crate::subject::Subject;

/// Preemptions up to which the witness with the fewest is looked for.
const PREEMPTIONS_MAX: u32 = 2;

/// How an outcome is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// The threads lead to it one after another, without being interrupted.
    Expected,
    /// It keeps every rule, and takes an interruption at the right moment.
    Interesting,
    /// It breaks a rule.
    Forbidden,
}

/// An outcome with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// The outcome.
    pub outcome: Outcome,
    /// Executions with this outcome, of one for each trace.
    pub executions: u64,
    /// How it is to be taken.
    pub grade: Grade,
    /// Why, in a sentence.
    pub why: String,
    /// The threads in the order in which they run, each with its number of steps, in an execution with the fewest
    /// preemptions.
    pub witness: String,
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Grade::Expected => "expected",
            Grade::Interesting => "interesting",
            Grade::Forbidden => "forbidden",
        })
    }
}

/// What one exploration has seen of an outcome.
#[derive(Debug)]
struct Seen {
    executions: u64,
    witness: Vec<TaskId>,
    history: History,
    violation: Option<Violation>,
}

type All = BTreeMap<Outcome, Seen>;

/// Every outcome of `subject` in `scenario` on a sequentially consistent machine, forbidden ones included, in the
/// order of their texts. Empty if the request does not run on our own executor.
#[must_use]
pub fn outcomes(subject: &'static dyn Subject, scenario: &Scenario) -> Vec<Graded> {
    let Some(case) = case(subject, scenario.program.clone(), scenario.scope) else { return Vec::new() };
    let in_order = explore(&case, Preemptions::UpTo(0));
    let interrupted = explore(&case, Preemptions::UpTo(PREEMPTIONS_MAX));
    let all = explore(&case, Preemptions::Unbounded);
    all.into_iter()
        .map(|(outcome, seen)| {
            let simplest = in_order.get(&outcome).or_else(|| interrupted.get(&outcome)).unwrap_or(&seen);
            let (grade, why) = match &seen.violation {
                Some(violation) => (Grade::Forbidden, violation.to_string()),
                None if in_order.contains_key(&outcome) => (Grade::Expected, sentence(&simplest.history)),
                None => (Grade::Interesting, sentence(&simplest.history)),
            };
            let (executions, witness) = (seen.executions, describe(&simplest.witness));
            Graded { outcome, executions, grade, why, witness }
        })
        .collect()
}

fn explore(case: &Case, preemptions: Preemptions) -> All {
    let all: Arc<Mutex<All>> = Arc::default();
    let seen = Arc::clone(&all);
    case.visit(preemptions, move |decisions, history, violation| {
        let mut all = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = Outcome::of(history);
        let known = all.entry(outcome).or_insert_with(|| Seen {
            executions: 0,
            witness: decisions.to_vec(),
            history: history.clone(),
            violation: None,
        });
        known.executions += 1;
        if known.violation.is_none() {
            known.violation = violation;
        }
    });
    std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The threads in order, each with the number of its steps.
fn describe(decisions: &[TaskId]) -> String {
    let stretches = decisions.chunk_by(|one, next| one == next);
    let texts: Vec<String> = stretches.map(|stretch| format!("{}:{}", stretch[0].0, stretch.len())).collect();
    texts.join(" ")
}

/// What decided the outcome.
fn sentence(history: &History) -> String {
    let operations = history.operations();
    let answered = |wanted: Reply| operations.iter().any(|operation| operation.reply() == Some(wanted));
    let caller = history.events.iter().enumerate().find_map(|(place, event)| match event {
        Event::CallbackStarted { thread, .. } => {
            let open = operations.iter().rev().find(|operation| {
                operation.thread == *thread
                    && operation.called < place
                    && operation.answer.is_none_or(|(answered, _)| answered > place)
            });
            Some((*thread, open.map(|operation| operation.call)))
        }
        _ => None,
    });
    let refused = answered(Reply::Unmark(Unmark::Canceled));
    match caller {
        Some((thread, Some(Call::Cancel))) if refused => {
            format!("the cancel of thread {thread} claimed the request before the driver unmarked it")
        }
        Some((thread, Some(Call::Cancel))) => format!("the cancel of thread {thread} claimed the request"),
        Some((thread, Some(Call::Mark))) => {
            format!("the mark of thread {thread} found that a cancel had come, and called back")
        }
        Some((thread, _)) => format!("thread {thread} called back"),
        None if answered(Reply::Mark(Mark::Canceled)) => {
            "the cancel came first, and the mark was refused".to_owned()
        }
        None if answered(Reply::Unmark(Unmark::Unmarked)) => {
            "the driver took its mark back before a cancel could claim it".to_owned()
        }
        None => "nobody had to be called back".to_owned(),
    }
}
