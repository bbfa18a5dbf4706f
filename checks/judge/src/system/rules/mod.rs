//! The rules of systems, one file each.
//!
//! As for one request: a rule reads [`Evidence`] and answers with an explanation or with nothing, and the first that is
//! broken, in the order of [`ORDER`], is the one that is reported. *linearizable* comes last: it holds an execution against
//! the outcomes of its scenario, and so notices much of what the others name; those see what no outcome shows. Rules that compare the places of events of different
//! threads are asked only where those places mean real time.

mod callback_released;
mod exactly_once;
mod in_order;
mod linearizable;
mod misuse_refused;
mod never_after_completion;
mod no_lost_cancel;
mod reentrant_callback;
mod references_balanced;
mod request_completed;
mod right_selection;
mod selection;
mod serialized;
mod single_completion;
mod status_kept;
mod truthful_not_found;
mod truthful_unmark;

use cancelproof_machine::Rule;
use cancelproof_machine::machine::Reply;
use cancelproof_machine::{Mark, Unmark};

use super::catalogue::Scenario;
use super::execution::{STALE_CONTEXT, WATCHED};
use super::history::{Answer, Arming, Event, Operation, Request, operations};
use super::program::Verb;
use crate::exploration::FailureKind;
use crate::history::Order;
use crate::rules::Violation;

/// The order in which an execution is judged: causes before consequences.
pub const ORDER: [Rule; 19] = [
    Rule::MisuseRefused,
    Rule::ExactlyOnce,
    Rule::TruthfulUnmark,
    Rule::NeverAfterCompletion,
    Rule::SingleCompletion,
    Rule::ReferencesBalanced,
    Rule::RightSelection,
    Rule::TruthfulNotFound,
    Rule::Serialized,
    Rule::InOrder,
    Rule::ReentrantCallback,
    Rule::NoLostCancel,
    Rule::CallbackReleased,
    Rule::RequestCompleted,
    Rule::StatusKept,
    Rule::Publication,
    Rule::NoDeadlock,
    Rule::BoundedSteps,
    Rule::Linearizable,
];

/// What is known of one execution when it is judged.
#[derive(Debug)]
pub struct Evidence<'a> {
    scenario: &'a Scenario,
    events: &'a [Event],
    operations: Vec<Operation>,
    order: Order,
    failure: Option<&'a FailureKind>,
    attention: Option<Rule>,
}

impl<'a> Evidence<'a> {
    /// The evidence of an execution that ended by itself, or with a failure that an engine has seen while the harness
    /// was accessing a cell on behalf of the rule `attention`.
    #[must_use]
    pub fn new(
        scenario: &'a Scenario,
        events: &'a [Event],
        order: Order,
        failure: Option<&'a FailureKind>,
        attention: Option<Rule>,
    ) -> Self {
        // What one thread does is in an order, whatever the memory model.
        let order = if scenario.program.threads.len() == 1 { Order::RealTime } else { order };
        Evidence { scenario, events, operations: operations(events), order, failure, attention }
    }

    fn is_settled(&self) -> bool {
        self.events.contains(&Event::Settled)
    }

    /// Whether the places of events of different threads mean real time.
    fn is_real_time(&self) -> bool {
        self.order == Order::RealTime
    }

    /// Whether one call was answered before another was made, as far as can be told.
    fn precedes(&self, earlier: &Operation, later: &Operation) -> bool {
        let is_comparable = self.is_real_time() || earlier.thread == later.thread;
        is_comparable && earlier.answer.is_some_and(|(answered, _)| answered < later.called)
    }

    fn requests(&self) -> impl Iterator<Item = Request> + use<> {
        0..self.scenario.program.requests() as Request
    }

    fn of(&self, verb: Verb) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(move |operation| operation.step.verb == verb)
    }

    fn place(&self, wanted: impl Fn(&Event) -> bool) -> Option<usize> {
        self.events.iter().position(wanted)
    }

    fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| wanted(event)).count()
    }

    /// How often the callback of a mark was started.
    fn starts(&self, mark: Arming) -> usize {
        self.count(|event| matches!(event, Event::CallbackStarted { arming, .. } if *arming == mark))
    }

    /// The mark of a request that was accepted and not withdrawn, if there is one at the end.
    fn standing_mark(&self, request: Request) -> Option<Arming> {
        let marked = Answer::Reply(Reply::Mark(Mark::Marked));
        let unmarked = Answer::Reply(Reply::Unmark(Unmark::Unmarked));
        let about = || self.operations.iter().filter(move |operation| operation.request() == Some(request));
        let last = about().rfind(|operation| operation.reply() == Some(marked))?;
        let is_withdrawn =
            about().any(|operation| operation.reply() == Some(unmarked) && operation.called > last.called);
        if is_withdrawn { None } else { last.arming }
    }

    /// The request whose callback was running when the execution stopped.
    fn running_callback(&self) -> Option<Request> {
        self.events.iter().enumerate().find_map(|(place, event)| match event {
            Event::CallbackStarted { request, arming: started, .. } => {
                let has_returned = self.events[place..].iter().any(
                    |later| matches!(later, Event::CallbackReturned { arming, .. } if arming == started),
                );
                (!has_returned).then_some(*request)
            }
            _ => None,
        })
    }

    fn is_race(&self, on_behalf_of: Rule) -> Option<String> {
        let Some(FailureKind::DataRace { first, second }) = self.failure else { return None };
        let file = WATCHED.iter().find(|watched| watched.0 == on_behalf_of).map(|watched| watched.1)?;
        let is_there = |place: &Option<String>| place.as_ref().is_some_and(|place| place.starts_with(file));
        let is_nowhere = first.is_none() && second.is_none();
        let is_watched =
            is_there(first) || is_there(second) || is_nowhere && self.attention == Some(on_behalf_of);
        is_watched.then(|| {
            let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "elsewhere".to_owned());
            format!("{} and {} are not ordered", place(first), place(second))
        })
    }
}

/// The first of `rules` that the execution broke. Whoever asks for several asks for those of memory before them.
#[must_use]
pub fn judge_by(evidence: &Evidence<'_>, rules: &[Rule]) -> Option<Violation> {
    let of_memory = Rule::OF_MEMORY.iter().filter(|_| rules.len() > 1);
    of_memory.chain(rules).find_map(|&rule| {
        let explanation = check(rule, evidence)?;
        Some(Violation { rule, explanation })
    })
}

fn check(rule: Rule, evidence: &Evidence<'_>) -> Option<String> {
    match rule {
        Rule::ExactlyOnce => exactly_once::check(evidence),
        Rule::TruthfulUnmark => truthful_unmark::check(evidence),
        Rule::NeverAfterCompletion => never_after_completion::check(evidence),
        Rule::SingleCompletion => single_completion::check(evidence),
        Rule::ReferencesBalanced => references_balanced::check(evidence),
        Rule::RightSelection => right_selection::check(evidence),
        Rule::TruthfulNotFound => truthful_not_found::check(evidence),
        Rule::Serialized => serialized::check(evidence),
        Rule::InOrder => in_order::check(evidence),
        Rule::ReentrantCallback => reentrant_callback::check(evidence),
        Rule::NoLostCancel => no_lost_cancel::check(evidence),
        Rule::CallbackReleased => callback_released::check(evidence),
        Rule::MisuseRefused => misuse_refused::check(evidence),
        Rule::RequestCompleted => request_completed::check(evidence),
        Rule::StatusKept => status_kept::check(evidence),
        Rule::Linearizable => linearizable::check(evidence),
        Rule::Publication => publication(evidence),
        Rule::NoDeadlock => no_deadlock(evidence),
        Rule::BoundedSteps => bounded_steps(evidence),
        Rule::Lifetime => lifetime(evidence),
        // No framework with a dispatcher promises a thread.
        Rule::CallbackThread => None,
        // Properties of an author's are asked of requests.
        Rule::ResultOnce | Rule::NoMisuse | Rule::OwnProperty => None,
    }
}

fn lifetime(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure {
        Some(kind @ FailureKind::Panic { message }) if kind.is_of_lifetime() => Some(message.clone()),
        _ => None,
    }
}

fn publication(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure {
        Some(FailureKind::Panic { message }) if message.starts_with(STALE_CONTEXT) => Some(message.clone()),
        _ => evidence.is_race(Rule::Publication),
    }
}

fn no_deadlock(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure {
        Some(FailureKind::Deadlock { blocked }) => Some(format!("blocked for ever: {}", blocked.join(", "))),
        _ => None,
    }
}

fn bounded_steps(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure {
        Some(FailureKind::Unbounded { steps, .. }) => Some(format!("not ended after {steps} steps")),
        _ => None,
    }
}
