//! The assertion that a framework author's own test makes.

use super::{Counterexample, Replayed, Token, of_failure, replay};
use crate::judge::{self, Engine, Settings};
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::trace::table::{self, Look};
use crate::verdict::Verdict;

/// The environment variable that holds a replay token: the tests of the request that it names then run that one
/// execution, and all others run nothing.
pub const REPLAY_VARIABLE: &str = "CANCELPROOF_REPLAY";

/// Judges a request in a scenario and panics with the counterexample if it breaks a rule.
///
/// With a token in [`REPLAY_VARIABLE`] only that execution is run.
///
/// # Panics
///
/// Panics if a rule is broken, if nothing was judged, and if the token cannot be read.
pub fn assert_holds(subject: &'static dyn Subject, scenario: &Scenario, engine: Engine, settings: Settings) {
    if let Ok(text) = std::env::var(REPLAY_VARIABLE) {
        return assert_token(subject, &text);
    }
    let judgement = judge::judge(subject, scenario, engine, settings)
        .unwrap_or_else(|reason| panic!("{} was not judged: {reason}", subject.name()));
    match &judgement.verdict {
        Verdict::Proved | Verdict::Bounded(_) | Verdict::Sampled => {}
        Verdict::Refuted { violation, failure } => {
            fail(&of_failure(subject, scenario, engine, settings.seed, violation, failure));
        }
        other => panic!("{} in {}: {other}", subject.name(), scenario.name),
    }
}

fn assert_token(subject: &'static dyn Subject, text: &str) {
    let token: Token = text.parse().unwrap_or_else(|error| panic!("{REPLAY_VARIABLE}: {error}"));
    if token.request != subject.name() {
        return;
    }
    match replay(subject, &token) {
        Replayed::Fails(found) => fail(&found),
        Replayed::Changed { place, again: Some(found) } => {
            eprintln!("the token does not fit any more: {place}; searched on from there");
            fail(&found);
        }
        Replayed::Changed { place, again: None } => {
            eprintln!("the token does not fit any more: {place}; nothing fails from there on");
        }
        Replayed::Passes => eprintln!("the execution of the token breaks no rule any more"),
        Replayed::Impossible { reason } => panic!("{REPLAY_VARIABLE}: {reason}"),
    }
}

fn fail(found: &Counterexample) -> ! {
    panic!("\n{}", table::render(&found.trace, &Look::plain()));
}
