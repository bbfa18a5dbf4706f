//! A closure as it is run again and again while its counterexample is made small.

use std::sync::Arc;

use cancelproof_machine::Rule;

use super::{Model, Token};
use crate::counterexample::{
    Best, Counterexample, Decisions, Found, Run, Stage, best, draw_explained, explain_overlooked_writes,
};
use crate::engine::dpor::Course;
use crate::engine::rc11;
use crate::executor::{Moment, last_panic};
use crate::exploration::{Failure, FailureKind};
use crate::history::Outcome;
use crate::judge::Engine;
use crate::operation::TaskId;
use crate::recorder::{Clocked, Noted};
use crate::rules::Violation;
use crate::trace::{self, Broken, Cast, FromOutside, Header, Log, Material, Step, SwitchReason, Trace};

/// A closure, on our own executor.
#[derive(Clone)]
pub(super) struct Closure {
    name: Arc<str>,
    body: Arc<dyn Fn() + Send + Sync>,
}

impl Closure {
    pub(super) fn new(name: &str, body: Arc<dyn Fn() + Send + Sync>) -> Self {
        Closure { name: Arc::from(name), body }
    }

    fn header(&self, engine: Engine, token: &Token, violation: &Violation) -> Header {
        Header {
            request: self.name.to_string(),
            scenario: "program".to_owned(),
            engine: engine.name().to_owned(),
            execution: token.decisions.execution(),
            broken: Some(broken(violation)),
            token: Some(token.to_string()),
            ..Header::default()
        }
    }
}

/// The rule that stands for a kind of failure. A closure has no rules but that no execution fails; which of the rules of
/// requests stands here for which kind matters to tokens only.
pub(super) fn rule_of(kind: &FailureKind) -> Rule {
    match kind {
        kind if kind.is_of_lifetime() => Rule::Lifetime,
        FailureKind::Panic { .. } => Rule::Linearizable,
        FailureKind::DataRace { .. } => Rule::Publication,
        FailureKind::Deadlock { .. } => Rule::NoDeadlock,
        FailureKind::Unbounded { .. } | FailureKind::StackOverflow { .. } => Rule::BoundedSteps,
        FailureKind::Leak { .. } => Rule::ReferencesBalanced,
        FailureKind::Nondeterminism { .. } => Rule::MisuseRefused,
    }
}

/// What the engines say of a thread that waits for a waker.
const NO_WAKE: &str = "no wake came";

/// What is said of a closure instead of the rule that stands for the kind of failure.
pub(super) fn words(violation: &Violation) -> (&'static str, &'static str) {
    match violation.rule {
        Rule::NoDeadlock if violation.explanation.contains(NO_WAKE) => {
            ("no-lost-wake", "whoever waits for a waker is woken")
        }
        Rule::Publication => {
            ("no-data-race", "two accesses to a cell, one a write, are ordered by happens-before")
        }
        Rule::Lifetime => (Rule::Lifetime.name(), Rule::Lifetime.meaning()),
        Rule::NoDeadlock => ("no-deadlock", "some thread can always go on until all have ended"),
        Rule::BoundedSteps => ("bounded-steps", "every execution comes to an end"),
        Rule::ReferencesBalanced => ("no-leak", "what was made is given back"),
        Rule::MisuseRefused => ("deterministic", "the same decisions lead to the same operations"),
        _ => ("no-panic", "no thread panics, and all assertions hold"),
    }
}

fn broken(violation: &Violation) -> Broken {
    let (name, meaning) = words(violation);
    Broken { rule: name.to_owned(), meaning: meaning.to_owned(), explanation: violation.explanation.clone() }
}

pub(super) fn violation(kind: &FailureKind) -> Violation {
    Violation { rule: rule_of(kind), explanation: explanation(kind) }
}

fn explanation(kind: &FailureKind) -> String {
    let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "an unknown place".to_owned());
    match kind {
        FailureKind::Panic { message } if kind.is_of_lifetime() => message.clone(),
        FailureKind::Panic { message } => match last_panic() {
            Some(place) => format!("{message} (at {place})"),
            None => message.clone(),
        },
        FailureKind::DataRace { first, second } => {
            format!("{} and {} access one cell, and nothing orders them", place(first), place(second))
        }
        FailureKind::Deadlock { blocked } => blocked.join("; "),
        FailureKind::Unbounded { steps, cycle: true } => {
            format!("after {steps} steps every thread goes round in a loop and waits for the others")
        }
        FailureKind::Unbounded { steps, cycle: false } => format!("no end after {steps} steps"),
        FailureKind::Leak { message } | FailureKind::Nondeterminism { message } => message.clone(),
        FailureKind::StackOverflow { bytes } => {
            format!("a thread used up its stack of {bytes} bytes; Model::stack gives it more")
        }
    }
}

/// Nobody takes notes but the engine.
struct NoNotes;

impl Clocked<FromOutside> for NoNotes {
    fn set_clock(&self, _: Option<fn() -> Moment>) {}

    fn noted(&self, _: usize) -> Vec<Noted<FromOutside>> {
        Vec::new()
    }

    fn harness_begins(&self) -> Option<Moment> {
        None
    }
}

impl Stage for Closure {
    fn play(&self) {
        (self.body)();
    }

    fn judge(&self, failure: Option<&FailureKind>) -> Option<Violation> {
        failure.map(violation)
    }

    fn clocked(&self) -> Arc<dyn Clocked<FromOutside>> {
        Arc::new(NoNotes)
    }

    fn broken_from(&self, _: Rule) -> Option<usize> {
        None
    }

    fn outcome(&self) -> Outcome {
        Outcome::from_text("")
    }

    fn cast(&self) -> Cast {
        Cast { threads: vec![String::new()], of_whom: "test", harness: Vec::new(), machine: None }
    }

    fn draw(&self, header: Header, run: &Run, log: &Log) -> Trace {
        draw(self, header, run.failure(), run.violation.as_ref().map(|violation| violation.rule), log)
    }
}

fn draw(
    closure: &Closure,
    header: Header,
    failure: Option<&FailureKind>,
    rule: Option<Rule>,
    log: &Log,
) -> Trace {
    let cast = closure.cast();
    let mut trace = trace::build(Material { header, log, cast: &cast, failure, rule });
    for (number, lane) in trace.lanes.iter_mut().enumerate() {
        lane.title = if number == 0 { "main".to_owned() } else { format!("thread {number}") };
    }
    trace
}

/// The counterexample of a failure that an engine has found; `None` if it cannot be run again.
pub(super) fn counterexample(
    model: &Model,
    engine: Engine,
    body: &Arc<dyn Fn() + Send + Sync>,
    failure: &Failure,
) -> Option<Counterexample<Token>> {
    if matches!(failure.kind, FailureKind::Nondeterminism { .. } | FailureKind::StackOverflow { .. }) {
        return None;
    }
    let closure = model.closure(body);
    match engine {
        Engine::Rc11 => weak(model, &closure, failure),
        _ => sequential(&closure, failure),
    }
}

fn sequential(closure: &Closure, failure: &Failure) -> Option<Counterexample<Token>> {
    let course = Course::Roughly(failure.decisions.iter().map(|&task| TaskId(task as u8)).collect());
    let violation = closure.run(&course, &[]).violation?;
    let rule = violation.rule;
    let known = Found { course, violation, execution: failure.execution };
    let best = best(closure, rule, Some(known))?;
    Some(present(closure, rule, &best))
}

/// One execution of our own sequentially consistent machine as it is shown.
pub(super) fn present(closure: &Closure, rule: Rule, best: &Best) -> Counterexample<Token> {
    let deviations = best.run.deviations.clone();
    let decisions = Decisions::Deviations { deviations, execution: best.execution };
    let token = Token { closure: closure.name.to_string(), rule, decisions };
    let violation =
        best.run.violation.clone().unwrap_or_else(|| Violation { rule, explanation: String::new() });
    let header = closure.header(Engine::Dpor, &token, &violation);
    Counterexample { trace: draw_explained(closure, header, rule, best), token }
}

/// An execution that only a weak memory shows.
pub(super) fn weak(model: &Model, closure: &Closure, failure: &Failure) -> Option<Counterexample<Token>> {
    let rule = rule_of(&failure.kind);
    let decisions = Decisions::Numbered { engine: Engine::Rc11, execution: failure.execution, seed: 0 };
    let token = Token { closure: closure.name.to_string(), rule, decisions };
    let options = model.rc11_options();
    let (again, log) = rc11::replay_recorded(&options, &failure.decisions, closure.clocked(), closure.body());
    let again = again.failure?;
    let violation = violation(&again.kind);
    let header = closure.header(Engine::Rc11, &token, &violation);
    let mut trace = draw(closure, header, Some(&again.kind), Some(violation.rule), &log);
    let is_preemption =
        |step: &&Step| step.switch.is_some_and(|switch| switch.reason == SwitchReason::Preempted);
    trace.header.preemptions = trace.steps.iter().filter(is_preemption).count() as u32;
    trace.why = explain_overlooked_writes(&trace);
    Some(Counterexample { trace, token })
}
