//! The rules, one file each: whether an execution broke it, and how to say so.
//!
//! A rule reads [`Evidence`] and answers with an explanation or with nothing. It knows neither engines nor requests.
//! [`judge`] asks the rules in the order of [`Rule::ALL`] and takes the first that is broken, so that one broken
//! execution is always reported under the same rule: consequences are listed after their causes.
//!
//! # No rule is idle
//!
//! Each rule answers for an aspect of its own, and the tests of the gauntlet hold it to that: with any one rule left
//! out, some wrong request stays alive under every exhaustive engine. Three choices keep the rules apart:
//!
//! - *linearizable* judges answers only. The machine may start and end an owed callback anywhere in its run, so how
//!   often, when and for which mark a callback was called is left to the rules about callbacks;
//! - a raw call that was let through is explained as such, so it is *misuse-refused* that speaks of it, and only what
//!   cannot be explained even then is *linearizable*'s;
//! - what an engine reports itself (a race, a deadlock, an endless run) belongs to one rule each, told apart by the
//!   cell that was raced on, and by whether the thread that waits does so inside a callback.

mod asked;
mod bounded_steps;
mod callback_released;
mod callback_thread;
mod exactly_once;
mod lifetime;
mod linearizable;
mod misuse_refused;
mod never_after_completion;
mod no_deadlock;
mod no_lost_cancel;
mod publication;
mod reentrant_callback;
mod request_completed;
mod single_completion;
mod truthful_unmark;

#[cfg(test)]
mod alike;
mod marks;
mod witness;

use std::cell::OnceCell;
use std::fmt;

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::shape::finding;
use cancelproof_machine::{Complete, Contract, Rule};
use serde::{Deserialize, Serialize};

use crate::coverage::Edge;
use crate::exploration::FailureKind;
use crate::history::{Event, History, Operation, Thread};
use crate::scenario::Scope;

use marks::{MarkRecord, Marks};
use witness::Strictness;

/// What is known of one execution when it is judged.
#[derive(Debug)]
pub struct Evidence<'a> {
    history: &'a History,
    operations: Vec<Operation>,
    marks: Marks,
    contract: &'a Contract,
    scope: Scope,
    failure: Option<&'a FailureKind>,
    attention: Option<Rule>,
    explained: OnceCell<(Explained, Vec<Edge>)>,
}

/// Whether some run of the machine gives the answers that were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Explained {
    /// By a run in which misuse is refused.
    Strictly,
    /// Only by one in which a misuse is let through.
    Leniently,
    /// By none.
    Never,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// The rule, by name.
    #[serde(with = "by_name")]
    pub rule: Rule,
    /// What happened, in a sentence.
    pub explanation: String,
}

impl<'a> Evidence<'a> {
    /// The evidence of an execution that ended by itself, or with the failure that an engine reported.
    /// `attention` is the rule on whose behalf the harness was accessing a cell when the execution stopped.
    #[must_use]
    pub fn new(
        history: &'a History,
        contract: &'a Contract,
        scope: Scope,
        failure: Option<&'a FailureKind>,
        attention: Option<Rule>,
    ) -> Self {
        let operations = history.operations();
        let marks = Marks::of(&operations, contract);
        Evidence {
            history,
            operations,
            marks,
            contract,
            scope,
            failure,
            attention,
            explained: OnceCell::new(),
        }
    }

    /// Whether the answers are a run of the machine.
    fn explained(&self) -> Explained {
        self.explanation().0
    }

    /// The run of the machine that explains the answers; `None` where answers are not judged, or not explained.
    pub(crate) fn run(&self) -> Option<&[Edge]> {
        if !self.answers_are_judged() || !self.history.is_settled() {
            return None;
        }
        let (explained, run) = self.explanation();
        (*explained != Explained::Never).then_some(run)
    }

    /// How the answers are explained, and by which run; searched once, however many rules ask.
    fn explanation(&self) -> &(Explained, Vec<Edge>) {
        self.explained.get_or_init(|| {
            let find = |strictness| witness::find(self.history, &self.operations, self.contract, strictness);
            if let Some(run) = find(Strictness::Strict) {
                (Explained::Strictly, run)
            } else if let Some(run) = find(Strictness::Lenient) {
                (Explained::Leniently, run)
            } else {
                (Explained::Never, Vec::new())
            }
        })
    }

    /// Completions that were accepted.
    fn completions(&self) -> impl Iterator<Item = &Operation> {
        let accepted = Some(Reply::Complete(Complete::Completed));
        self.operations.iter().filter(move |operation| operation.reply() == accepted)
    }

    /// All calls of one kind.
    fn calls(&self, call: Call) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |operation| operation.call == call)
    }

    /// Whether the end of the request called the callback of `mark`, and the contract has it do so: the mark still stood,
    /// and nothing had been completed.
    fn is_called_by_the_end(&self, mark: &MarkRecord) -> bool {
        self.contract.end_calls_back()
            && mark.may_stand()
            && self.completions().next().is_none()
            && self.is_started_by_the_end(mark)
    }

    /// Whether the callback of `mark` was called when all threads had ended, and not before.
    fn is_started_by_the_end(&self, mark: &MarkRecord) -> bool {
        let events = &self.history.events;
        let is_start =
            |event: &Event| matches!(event, Event::CallbackStarted { arming, .. } if *arming == mark.arming);
        let ended = events.iter().position(|event| *event == Event::Settled);
        ended.is_some_and(|ended| {
            events[ended..].iter().any(is_start) && !events[..ended].iter().any(is_start)
        })
    }

    /// Whether the driver's calls came one at a time, so that their answers are judged.
    fn answers_are_judged(&self) -> bool {
        matches!(self.scope, Scope::Lawful | Scope::Misuse)
    }
}

/// The first rule that the execution broke, in the order of [`Rule::ALL`].
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Option<Violation> {
    judge_by(evidence, &Rule::ALL)
}

/// The first of `rules` that the execution broke. Whoever asks for several asks for those of memory before them.
#[must_use]
pub fn judge_by(evidence: &Evidence<'_>, rules: &[Rule]) -> Option<Violation> {
    if let Some(FailureKind::Panic { message }) = evidence.failure
        && let Some((rule, what)) = finding(message)
    {
        return Some(Violation { rule, explanation: what.to_owned() });
    }
    let of_memory = Rule::OF_MEMORY.iter().filter(|_| rules.len() > 1);
    of_memory.chain(rules).find_map(|&rule| {
        let explanation = check(rule, evidence)?;
        Some(Violation { rule, explanation })
    })
}

/// The rules that can be broken in a scenario of this scope.
#[must_use]
pub fn evaluated(scope: Scope) -> Vec<Rule> {
    let is_evaluated = |rule: &Rule| match scope {
        Scope::Lawful | Scope::Misuse => true,
        Scope::DriversRace | Scope::Consequences => {
            !matches!(rule, Rule::MisuseRefused | Rule::RequestCompleted)
        }
    };
    Rule::ALL.into_iter().filter(is_evaluated).collect()
}

/// Whether the rule is asked where a driver is judged. Its requests and their callbacks are those of a framework that is right, so what
/// their history shows is no fault of the driver's; what the engine reports is, and the adapter says what it finds by a panic.
fn is_asked_of_drivers(rule: Rule, evidence: &Evidence<'_>) -> bool {
    match rule {
        Rule::Publication
        | Rule::NoDeadlock
        | Rule::ReentrantCallback
        | Rule::BoundedSteps
        | Rule::Lifetime => true,
        Rule::CallbackReleased => matches!(evidence.failure, Some(FailureKind::Leak { .. })),
        _ => false,
    }
}

fn check(rule: Rule, evidence: &Evidence<'_>) -> Option<String> {
    if evidence.contract.delivers_to_a_driver() && !is_asked_of_drivers(rule, evidence) {
        return None;
    }
    match rule {
        Rule::ExactlyOnce => exactly_once::check(evidence),
        Rule::NeverAfterCompletion => never_after_completion::check(evidence),
        Rule::NoLostCancel => no_lost_cancel::check(evidence),
        Rule::TruthfulUnmark => truthful_unmark::check(evidence),
        Rule::SingleCompletion => single_completion::check(evidence),
        Rule::RequestCompleted => request_completed::check(evidence),
        Rule::CallbackReleased => callback_released::check(evidence),
        Rule::Publication => publication::check(evidence),
        Rule::NoDeadlock => no_deadlock::check(evidence),
        Rule::ReentrantCallback => reentrant_callback::check(evidence),
        Rule::CallbackThread => callback_thread::check(evidence),
        Rule::MisuseRefused => misuse_refused::check(evidence),
        Rule::BoundedSteps => bounded_steps::check(evidence),
        Rule::Linearizable => linearizable::check(evidence),
        Rule::Lifetime => lifetime::check(evidence),
        // They are about more than one request, and are asked of systems.
        Rule::RightSelection
        | Rule::TruthfulNotFound
        | Rule::Serialized
        | Rule::InOrder
        | Rule::ReferencesBalanced
        | Rule::StatusKept
        // The adapter of a shape judges it, and says so by a panic.
        | Rule::ResultOnce
        | Rule::NoMisuse
        // An author judges it.
        | Rule::OwnProperty => None,
    }
}

/// The innermost call of `thread` that was waiting for its answer at `position`.
fn open_call(operations: &[Operation], thread: Thread, position: usize) -> Option<&Operation> {
    operations.iter().rev().find(|operation| {
        operation.thread == thread
            && operation.called < position
            && operation.answer.is_none_or(|(answered, _)| answered > position)
    })
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.explanation)
    }
}

/// Rules cross process borders by their names.
mod by_name {
    use cancelproof_machine::Rule;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(rule.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        let name = String::deserialize(deserializer)?;
        Rule::named(&name).ok_or_else(|| D::Error::custom(format!("unknown rule {name:?}")))
    }
}
