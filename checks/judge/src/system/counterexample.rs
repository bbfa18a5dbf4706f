//! The counterexample of a system: made of the same pieces as that of a [request](crate::counterexample).
//!
//! The smallest program that fails has no list of outcomes of its own. Those of the reference stand in for it, and a
//! program in which the reference itself breaks a rule proves nothing.

mod case;
mod shrink;
mod telling;
mod token;

use cancelproof_machine::Rule;

use self::case::Case;
use super::catalogue::Scenario;
use super::judge::judge;
use super::registry::{self, System};
use crate::counterexample::{
    Best, Counterexample, Decisions, Replayed, Stage, best, draw_explained, first_passing, follow, smallest,
};
use crate::engine::dpor::Preemptions;
use crate::exploration::Failure;
use crate::history::Outcome;
use crate::judge::{Engine, Settings};
use crate::rules::Violation;
use crate::trace::{Broken, Header, Trace};
use crate::verdict::Verdict;

pub use case::ad_hoc;
pub use token::Token;

/// The counterexample of a system that breaks `rule` in `scenario`, or any rule if that one is not found; `None` if
/// every execution of our own machine keeps all rules.
///
/// # Example
///
/// ```
/// use cancelproof_judge::system::{catalogue, counterexample, registry};
///
/// let fault = registry::fault("queue-never-opens").unwrap();
/// let scenario = catalogue::named(fault.about.scenario).unwrap();
/// let found = counterexample::find(&fault.system, &scenario, Some(fault.about.breaks)).unwrap();
/// assert_eq!(found.token.to_string().parse(), Ok(found.token));
/// ```
#[must_use]
pub fn find(system: &System, scenario: &Scenario, rule: Option<Rule>) -> Option<Counterexample<Token>> {
    let case = Case::new(system, scenario.clone());
    let found = case
        .search(rule, Preemptions::Unbounded)
        .or_else(|| rule.and_then(|_| case.search(None, Preemptions::Unbounded)))?;
    let rule = found.violation.rule;
    let case = shrink(case, rule);
    let known = case.search(Some(rule), Preemptions::Unbounded);
    let best = best(&case, rule, known)?;
    Some(present(&case, rule, &best))
}

/// The counterexample of a failure that an engine has found; where our own machine shows none, the execution is named
/// by its number and has no steps.
#[must_use]
pub fn of_failure(
    system: &System,
    scenario: &Scenario,
    engine: Engine,
    violation: &Violation,
    failure: &Failure,
) -> Counterexample<Token> {
    let found = find(system, scenario, Some(violation.rule));
    found
        .filter(|found| found.token.rule == violation.rule)
        .unwrap_or_else(|| numbered(&Case::new(system, scenario.clone()), engine, violation, failure))
}

/// Runs the execution that a token stands for, in this process and on this thread, so that a debugger can be used.
#[must_use]
pub fn replay(token: &Token) -> Replayed<Token> {
    let impossible = |reason: String| Replayed::Impossible { reason };
    let Some(system) = registry::named(&token.system) else {
        return impossible(format!(
            "it is of the system {:?}, which this program does not know",
            token.system
        ));
    };
    let Some(scenario) = case::scenario(token.program.clone(), token.kind, token.ends) else {
        return impossible("the reference breaks a rule in its program, which proves nothing".to_owned());
    };
    let case = Case::new(&system, scenario);
    match &token.decisions {
        Decisions::Deviations { deviations, execution } => {
            let present = |best: &Best| present(&case, token.rule, best);
            follow(&case, token.rule, deviations, *execution).map(present)
        }
        decisions if decisions.too_far().is_some() => {
            Replayed::Impossible { reason: decisions.too_far().unwrap_or_default() }
        }
        Decisions::Numbered { engine, execution, .. } => replay_numbered(&case, token, *engine, *execution),
    }
}

/// The first execution of the reference that keeps every rule and has an outcome, or any outcome if none is given;
/// `None` if there is no such execution.
#[must_use]
pub fn passing(scenario: &Scenario, outcome: Option<&Outcome>) -> Option<Trace> {
    let case = Case::new(&registry::REFERENCE, scenario.clone());
    first_passing(&case, header(&case), outcome)
}

/// The smallest program that still breaks `rule`, if the reference keeps every rule in this one.
fn shrink(case: Case, rule: Rule) -> Case {
    let program = case.scenario.program.clone();
    if case::scenario(program.clone(), case.scenario.kind, case.scenario.ends)
        .is_none_or(|scenario| scenario.breaks().is_some())
    {
        return case;
    }
    let smallest = smallest(&program, shrink::smaller, |program| {
        let candidate = case.in_program(program.clone());
        candidate.is_some_and(|candidate| candidate.search(Some(rule), Preemptions::Unbounded).is_some())
    });
    case.in_program(smallest).unwrap_or(case)
}

fn present(case: &Case, rule: Rule, best: &Best) -> Counterexample<Token> {
    let deviations = best.run.deviations.clone();
    let token = token(case, rule, Decisions::Deviations { deviations, execution: best.execution });
    let header = broken(case, &token, Engine::Dpor, best.run.violation.as_ref());
    Counterexample { trace: draw_explained(case, header, rule, best), token }
}

fn numbered(case: &Case, engine: Engine, violation: &Violation, failure: &Failure) -> Counterexample<Token> {
    let decisions = Decisions::Numbered { engine, execution: failure.execution, seed: 0 };
    let token = token(case, violation.rule, decisions);
    let header = broken(case, &token, engine, Some(violation));
    let nothing = Trace {
        header,
        lanes: Vec::new(),
        objects: Vec::new(),
        steps: Vec::new(),
        violation: None,
        why: None,
    };
    Counterexample { trace: nothing, token }
}

/// Runs the engine up to the execution with this number; it runs the same ones in the same order every time.
fn replay_numbered(case: &Case, token: &Token, engine: Engine, execution: u64) -> Replayed<Token> {
    let first = Settings { executions: Some(execution), ..Settings::default() };
    let mut failures = [first, Settings::default()].into_iter().map(|settings| {
        let judged = judge(&case.system, &case.scenario, engine, settings)?;
        Ok(match judged.judgement.verdict {
            Verdict::Refuted { violation, failure } if violation.rule == token.rule => {
                Some((violation, failure))
            }
            _ => None,
        })
    });
    let found = failures.find_map(Result::transpose);
    match found {
        None => Replayed::Passes,
        Some(Err(super::NotApplicable(engine))) => {
            Replayed::Impossible { reason: super::NotApplicable(engine).to_string() }
        }
        Some(Ok((violation, failure))) => {
            let again = Box::new(numbered(case, engine, &violation, &failure));
            if failure.execution == execution {
                return Replayed::Fails(again);
            }
            let place =
                format!("{engine} fails in execution {} now, and not in {execution}", failure.execution);
            Replayed::Changed { place, again: Some(again) }
        }
    }
}

fn token(case: &Case, rule: Rule, decisions: Decisions) -> Token {
    let Scenario { program, kind, ends, .. } = (*case.scenario).clone();
    Token { system: case.system.name.to_owned(), program, kind, ends, rule, decisions }
}

fn header(case: &Case) -> Header {
    Header {
        request: case.system.name.to_owned(),
        contract: case.contract().to_string(),
        scenario: case.scenario.name.to_owned(),
        program: case.scenario.program.to_string(),
        ..Header::default()
    }
}

fn broken(case: &Case, token: &Token, engine: Engine, violation: Option<&Violation>) -> Header {
    Header {
        engine: engine.name().to_owned(),
        execution: token.decisions.execution(),
        broken: violation.map(Broken::of),
        token: Some(token.to_string()),
        ..header(case)
    }
}
