//! A failing execution, run again from its token.

use cancelproof_machine::Rule;

use super::stage::Stage;
use super::{Best, Counterexample, Decisions, Token, along, best, case, present, weak};
use crate::engine::dpor::{Arrival, Course, Deviation, Misfit, Preemptions};
use crate::exploration::Failure;
use crate::judge::{self, Engine, Settings};
use crate::operation::TaskId;
use crate::rules::Violation;
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::verdict::Verdict;

/// The environment variable that holds a replay token. A test target of the front door then runs that one execution
/// if it is of its own request, and nothing otherwise.
pub const REPLAY_VARIABLE: &str = "CANCELPROOF_REPLAY";

/// What came of running an execution again.
#[derive(Clone, Debug)]
pub enum Replayed<T = Token> {
    /// It breaks its rule, as it did.
    Fails(Box<Counterexample<T>>),
    /// The code has changed, and the token does not fit any more.
    Changed {
        /// Where it stopped fitting, in a sentence.
        place: String,
        /// A failure of the same rule that was found from there on, if there is one.
        again: Option<Box<Counterexample<T>>>,
    },
    /// The execution is still possible and breaks no rule any more, nor does any other of the program.
    Passes,
    /// The token cannot be replayed on this request.
    Impossible {
        /// Why not.
        reason: String,
    },
}

/// Runs the execution that a token stands for, in this process and on this thread, so that a debugger can be used.
#[must_use]
pub fn replay(subject: &'static dyn Subject, token: &Token) -> Replayed {
    if let Some(reason) = token.decisions.too_far() {
        return Replayed::Impossible { reason };
    }
    match &token.decisions {
        Decisions::Deviations { deviations, execution } => {
            let Some(case) = case(subject, token.program.clone(), token.scope) else {
                return impossible("the request does not run on the executor of this suite");
            };
            let present = |best: &Best| present(subject, &case, token.rule, best);
            follow(&case, token.rule, deviations, *execution).map(present)
        }
        Decisions::Numbered { engine, execution, seed } => {
            replay_numbered(subject, token, *engine, *execution, *seed)
        }
    }
}

fn impossible(reason: &str) -> Replayed {
    Replayed::Impossible { reason: reason.to_owned() }
}

/// What came of following a token's decisions.
pub enum Followed {
    /// It breaks its rule, as it did.
    Fails(Best),
    /// It does not fit any more, or breaks the rule no more.
    Changed {
        /// Where it ceased to fit.
        place: String,
        /// An execution that breaks the rule as the code stands now.
        again: Option<Best>,
    },
    /// No execution breaks the rule any more.
    Passes,
}

impl Followed {
    /// The same, with each execution as it is shown.
    pub fn map<T>(self, present: impl Fn(&Best) -> Counterexample<T>) -> Replayed<T> {
        match self {
            Followed::Fails(best) => Replayed::Fails(Box::new(present(&best))),
            Followed::Changed { place, again } => {
                Replayed::Changed { place, again: again.map(|best| Box::new(present(&best))) }
            }
            Followed::Passes => Replayed::Passes,
        }
    }
}

/// Runs the execution with these decisions again; where it does not fail any more, searches on from there.
pub fn follow(case: &impl Stage, rule: Rule, deviations: &[Deviation], execution: u64) -> Followed {
    let course = Course::Deviating(deviations.to_vec());
    let (run, found) = along(case, rule, &course, execution);
    match (found, &run.arrival) {
        (Some(found), _) => Followed::Fails(found),
        (None, Arrival::Misfit(misfit)) => {
            Followed::Changed { place: describe(misfit), again: search_on(case, rule, &run.decisions) }
        }
        (None, _) => match search_on(case, rule, &[]) {
            None => Followed::Passes,
            again => Followed::Changed {
                place: "it fits to its end, and breaks the rule no more".to_owned(),
                again,
            },
        },
    }
}

/// Looks for the same failure: first among the executions that begin like the old one, then among all.
fn search_on(case: &impl Stage, rule: Rule, prefix: &[TaskId]) -> Option<Best> {
    let near = case.search_below(prefix, rule).and_then(|found| {
        let (_, near) = along(case, rule, &found.course, found.execution);
        near
    });
    near.or_else(|| {
        let known = case.search(Some(rule), Preemptions::Unbounded)?;
        best(case, rule, Some(known))
    })
}

fn describe(misfit: &Misfit) -> String {
    let Misfit { step, task, stands_before, enabled } = misfit;
    let enabled: Vec<String> = enabled.iter().map(|task| task.0.to_string()).collect();
    let found = match stands_before {
        None if enabled.is_empty() => "all threads have ended".to_owned(),
        None => format!("{task} has ended"),
        Some(operation) if enabled.contains(&task.0.to_string()) => {
            format!("{task} stands before another operation, {operation}")
        }
        Some(operation) => format!("{task} is blocked before {operation}"),
    };
    format!("at decision {}, {task} was to go on, and {found}", step + 1)
}

/// Runs the engine up to the execution with this number; it runs the same ones in the same order every time.
fn replay_numbered(
    subject: &'static dyn Subject,
    token: &Token,
    engine: Engine,
    execution: u64,
    seed: u64,
) -> Replayed {
    let scenario = weak::scenario(token.program.clone(), token.scope);
    let settings = Settings { seed, samples: execution, executions: Some(execution), ..Settings::default() };
    let judgement = match judge::judge(subject, &scenario, engine, settings) {
        Ok(judgement) => judgement,
        Err(reason) => return Replayed::Impossible { reason: reason.to_string() },
    };
    let found = match judgement.verdict {
        Verdict::Refuted { violation, failure } if violation.rule == token.rule => (violation, failure),
        _ => return search_numbered(subject, token, &scenario, engine, seed),
    };
    let again = numbered(subject, token, engine, seed, &found);
    if found.1.execution == execution {
        return Replayed::Fails(Box::new(again));
    }
    let place = format!("{engine} fails in execution {} now, and not in {execution}", found.1.execution);
    Replayed::Changed { place, again: Some(Box::new(again)) }
}

fn search_numbered(
    subject: &'static dyn Subject,
    token: &Token,
    scenario: &Scenario,
    engine: Engine,
    seed: u64,
) -> Replayed {
    let settings = Settings { seed, ..Settings::default() };
    match judge::judge(subject, scenario, engine, settings).map(|judgement| judgement.verdict) {
        Ok(Verdict::Refuted { violation, failure }) if violation.rule == token.rule => Replayed::Changed {
            place: format!("{engine} does not fail that early any more"),
            again: Some(Box::new(numbered(subject, token, engine, seed, &(violation, failure)))),
        },
        Ok(_) => Replayed::Passes,
        Err(reason) => Replayed::Impossible { reason: reason.to_string() },
    }
}

fn numbered(
    subject: &'static dyn Subject,
    token: &Token,
    engine: Engine,
    seed: u64,
    (violation, failure): &(Violation, Failure),
) -> Counterexample {
    let decisions = Decisions::Numbered { engine, execution: failure.execution, seed };
    weak::present(subject, Token { decisions, ..token.clone() }, violation, failure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn a_token_that_names_more_draws_than_anybody_waits_for_is_refused_at_once() {
        let token = Token {
            request: "word".to_owned(),
            program: "mark | cancel".parse().expect("it is a program"),
            scope: crate::scenario::Scope::Lawful,
            rule: Rule::ExactlyOnce,
            decisions: Decisions::Numbered { engine: Engine::ShuttleRandom, execution: u64::MAX, seed: 1 },
        };
        let word = registry::subject("word").expect("it is registered");
        let Replayed::Impossible { reason } = replay(word, &token) else { panic!("nobody waits for that") };
        assert!(reason.starts_with("it is execution 18446744073709551615 of shuttle-random"), "{reason}");
    }
}
