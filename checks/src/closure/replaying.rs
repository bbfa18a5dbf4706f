//! A failing execution of a closure, run again from its token.

use std::sync::Arc;

use super::{Explored, Model, Token, showing, stage};
use crate::counterexample::{Counterexample, Decisions, REPLAY_VARIABLE, Replayed, TokenError, follow};
use crate::engine::rc11;

/// What came of the token that the environment asks for; `None` if it asks for none.
///
/// # Panics
///
/// Panics if the execution fails, with its table, and if the text is no token.
pub(super) fn asked(model: &Model, body: &Arc<dyn Fn() + Send + Sync>) -> Option<Explored> {
    let text = std::env::var(REPLAY_VARIABLE).ok()?;
    let nothing = Explored { engines: Vec::new(), is_replay: true };
    let name = &model.name;
    let token: Token = match text.parse() {
        Ok(token) => token,
        Err(TokenError::OtherKind(_)) => return Some(nothing),
        Err(error) => panic!("{REPLAY_VARIABLE}: {error}"),
    };
    if token.closure != *name {
        eprintln!("{name}: the replay token is of {:?}: nothing is run here", token.closure);
        return Some(nothing);
    }
    match replay(model, body, &token) {
        Replayed::Fails(found) => panic!("\n{}\n", showing::table(&found)),
        Replayed::Changed { place, again: Some(found) } => panic!(
            "the token does not fit any more: {place}\nsearched on from there:\n\n{}\n",
            showing::table(&found)
        ),
        Replayed::Changed { place, again: None } => {
            eprintln!("{name}: the token does not fit any more: {place}; nothing fails from there on");
        }
        Replayed::Passes => eprintln!("{name}: no execution fails any more as the token says"),
        Replayed::Impossible { reason } => panic!("{REPLAY_VARIABLE}: {reason}"),
    }
    Some(nothing)
}

/// Runs the execution that a token stands for.
pub(super) fn replay(model: &Model, body: &Arc<dyn Fn() + Send + Sync>, token: &Token) -> Replayed<Token> {
    let closure = model.closure(body);
    match &token.decisions {
        Decisions::Deviations { deviations, execution } => {
            let present = |best: &_| stage::present(&closure, token.rule, best);
            follow(&closure, token.rule, deviations, *execution).map(present)
        }
        Decisions::Numbered { execution, .. } => {
            let options = rc11::Options { executions: None, time: None, ..model.rc11_options() };
            let body = Arc::clone(body);
            let Some(failure) = rc11::explore(&options, move || body()).failure else {
                return Replayed::Passes;
            };
            let found: Option<Counterexample<Token>> = stage::weak(model, &closure, &failure);
            match found {
                Some(found) if failure.execution == *execution => Replayed::Fails(Box::new(found)),
                found => Replayed::Changed {
                    place: format!(
                        "rc11 fails in execution {} now, and not in {execution}",
                        failure.execution
                    ),
                    again: found.map(Box::new),
                },
            }
        }
    }
}
