//! The counterexample: what the author of a wrong request is shown.
//!
//! A failure is found by any engine, in a scenario that was not made for it, in an execution that nobody would choose.
//! Here it becomes the smallest program, with the fewest preemptions, that fails the earliest, each step of the way
//! checked by running it; then a [`Trace`], a reason, and a [`Token`] by which it is run again.

mod case;
mod every_order;
mod explaining;
mod mending;
mod outcomes;
mod passing;
mod reorder;
mod replay;
mod shrink;
mod stage;
mod token;
mod weak;
mod why;

use cancelproof_machine::Rule;

use case::Case;

use crate::engine::dpor::{Course, Preemptions};
use crate::exploration::Failure;
use crate::judge::Engine;
use crate::rules::Violation;
use crate::scenario::{Program, Scenario, Scope, catalogue};
use crate::subject::{Platform, Subject};
use crate::trace::{Broken, Header, Log, Trace};

pub use explaining::explaining;
pub use outcomes::{Grade, Graded, outcomes};
pub(crate) use passing::first_passing;
pub use passing::passing;
pub use replay::follow;
pub use replay::{REPLAY_VARIABLE, Replayed, replay};
pub use token::{Decisions, Token, TokenError, VERSION};
// A system's counterexample is made of the same pieces.
pub use reorder::Best;
pub(crate) use shrink::smallest;
pub use stage::{Body, Found, Run, Stage};
pub use token::{
    OF_CLOSURE, Reader, VERSION_OF_CLOSURES, VERSION_OF_SYSTEMS, Writer, read_failure, seal, unseal,
    write_failure,
};
pub use weak::explain_overlooked_writes;
pub use weak::find_weak;
pub(crate) use why::explain;

/// A failure as it is shown.
#[derive(Clone, Debug)]
pub struct Counterexample<T = Token> {
    /// The execution.
    pub trace: Trace,
    /// By which it is run again.
    pub token: T,
}

/// The counterexample of a request that breaks `rule` in `scenario`, or any rule if that one is not found; `None` if
/// every execution of our own machine keeps all rules.
///
/// # Example
///
/// ```
/// use cancelproof_judge::{counterexample, registry, scenario::catalogue};
///
/// let fault = registry::fault("locked-fires-twice").unwrap();
/// let scenario = catalogue::named("marked-two-cancels").unwrap();
/// let found = counterexample::find(fault.subject, &scenario, Some(fault.about.breaks)).unwrap();
/// assert_eq!(found.token.program.to_string(), "mark | cancel | cancel ; callback returns");
/// ```
#[must_use]
pub fn find(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    rule: Option<Rule>,
) -> Option<Counterexample> {
    let case = case(subject, scenario.program.clone(), scenario.scope)?;
    let found = case
        .search(rule, Preemptions::Unbounded)
        .or_else(|| rule.and_then(|_| case.search(None, Preemptions::Unbounded)))?;
    let rule = found.violation.rule;
    let smallest = shrink::shrink(&case, rule);
    let known = smallest.search(Some(rule), Preemptions::Unbounded);
    let best = best(&smallest, rule, known)?;
    Some(present(subject, &smallest, rule, &best))
}

/// The counterexample of a failure that an engine has found. Where only a weak memory shows it, it is one of `rc11`;
/// where neither of our own machines does, the execution is named by its number and has no steps.
#[must_use]
pub fn of_failure(
    subject: &'static dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    seed: u64,
    violation: &Violation,
    failure: &Failure,
) -> Counterexample {
    let sequential = find(subject, scenario, Some(violation.rule));
    if let Some(found) = sequential.filter(|found| found.token.rule == violation.rule) {
        return found;
    }
    if let Some(found) = find_weak(subject, scenario, Some(violation.rule)) {
        return found;
    }
    let Counterexample { token, .. } = as_found(subject, scenario, engine, seed, violation, failure);
    weak::present(subject, token, violation, failure)
}

/// The counterexample of a failure as an engine has found it, by its number and without its steps: nothing of the request is
/// run, which may take its process down.
#[must_use]
pub fn as_found(
    subject: &dyn Subject,
    scenario: &Scenario,
    engine: Engine,
    seed: u64,
    violation: &Violation,
    failure: &Failure,
) -> Counterexample {
    let decisions = Decisions::Numbered { engine, execution: failure.execution, seed };
    let (program, scope) = (scenario.program.clone(), scenario.scope);
    let token = Token { request: subject.name().to_owned(), program, scope, rule: violation.rule, decisions };
    Counterexample { trace: weak::without_steps(subject, &token, violation), token }
}

fn case(subject: &'static dyn Subject, program: Program, scope: Scope) -> Option<Case> {
    subject.runs_on(Platform::Controlled).then(|| {
        Case::new(program, scope, subject.contract(), subject.properties().to_vec(), move || {
            subject
                .on_controlled()
                .expect("a subject makes a request on each platform that it says it runs on")
        })
    })
}

/// One of the executions that break `rule` with the fewest preemptions, and as early as can be.
pub fn best(case: &impl Stage, rule: Rule, known: Option<Found>) -> Option<Best> {
    let place = |run: &Run, log: &Log| {
        let trace = case.draw(Header::default(), run, log);
        Some(decisions_up_to(log, trace.violation?))
    };
    reorder::best(case, rule, known, &place)
}

/// The decisions that were taken up to a step.
fn decisions_up_to(log: &Log, step: usize) -> usize {
    log.entries.iter().take(step + 1).filter(|entry| entry.is_decision()).count()
}

/// Makes the trace of an execution, finds out why it fails, and writes its token.
fn present(subject: &dyn Subject, case: &Case, rule: Rule, best: &Best) -> Counterexample {
    let token = Token {
        request: subject.name().to_owned(),
        program: (*case.program).clone(),
        scope: case.scope,
        rule,
        decisions: Decisions::Deviations {
            deviations: best.run.deviations.clone(),
            execution: best.execution,
        },
    };
    let header = header(subject, &token, Engine::Dpor, best.run.violation.as_ref());
    Counterexample { trace: draw_explained(case, header, rule, best), token }
}

/// The trace of an execution that breaks `rule`, and why it does.
pub fn draw_explained(case: &impl Stage, header: Header, rule: Rule, best: &Best) -> Trace {
    let header = Header { preemptions: best.run.preemptions, ..header };
    let mut trace = case.draw(header, &best.run, &best.log);
    trace.why = explain(case, rule, best, &trace);
    trace
}

fn header(subject: &dyn Subject, token: &Token, engine: Engine, violation: Option<&Violation>) -> Header {
    Header {
        request: subject.name().to_owned(),
        contract: subject.contract().to_string(),
        scenario: known_scenario(&token.program, token.scope),
        program: token.program.to_string(),
        engine: engine.name().to_owned(),
        execution: token.decisions.execution(),
        preemptions: 0,
        broken: violation.map(Broken::of),
        token: Some(token.to_string()),
    }
}

/// The name of the scenario that has a program, if it is in the catalogue.
fn known_scenario(program: &Program, scope: Scope) -> String {
    let is_it = |scenario: &Scenario| scenario.program == *program && scenario.scope == scope;
    let known = catalogue::all().into_iter().find(is_it);
    known.map_or_else(|| "program".to_owned(), |scenario| scenario.name)
}

/// The execution along `course`, if it breaks `rule`.
fn along(case: &impl Stage, rule: Rule, course: &Course, execution: u64) -> (Run, Option<Best>) {
    let (run, log) = case.record(course);
    let best = run.breaks(rule).then(|| Best { run: run.clone(), log, execution });
    (run, best)
}
