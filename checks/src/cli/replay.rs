//! `cancelproof replay`: one failing execution, run again from its token.

use std::io::Write;

use cancelproof_machine::Rule;

use super::arguments::{Form, Replay};
use super::{Exit, UsageError, failure, output};
use crate::counterexample::{Decisions, Replayed, Token, TokenError, replay};
use crate::registry;
use crate::system::counterexample as of_systems;

pub(super) fn run(arguments: &Replay) -> Result<Exit, UsageError> {
    match arguments.token.parse::<Token>() {
        Ok(token) => run_request(&token, arguments.form),
        Err(TokenError::OtherKind(_)) => {
            let token: of_systems::Token = arguments.token.parse()?;
            warn(&token.decisions, token.rule);
            tell(of_systems::replay(&token), token.rule, arguments.form)
        }
        Err(error) => Err(error.into()),
    }
}

fn run_request(token: &Token, form: Form) -> Result<Exit, UsageError> {
    let subject = registry::subject(&token.request).ok_or_else(|| {
        let reason = format!("it is of the request {:?}, which this program does not know", token.request);
        UsageError::Replay(reason)
    })?;
    warn(&token.decisions, token.rule);
    tell(replay(subject, token), token.rule, form)
}

fn warn(decisions: &Decisions, rule: Rule) {
    if let (Decisions::Numbered { engine, execution, .. }, Rule::BoundedSteps) = (decisions, rule) {
        output::say(format_args!(
            "running {engine} up to execution {execution}; if that takes this process down or never ends, \
             it is the failure that was found"
        ));
    }
}

fn tell<T>(replayed: Replayed<T>, rule: Rule, form: Form) -> Result<Exit, UsageError> {
    let mut out = output::coloured();
    match replayed {
        Replayed::Fails(found) => {
            writeln!(out, "{}", failure::drawn(&found.trace, form))?;
            Ok(Exit::Refuted)
        }
        Replayed::Changed { place, again } => {
            writeln!(out, "the token does not fit any more: {place}")?;
            let Some(found) = again else {
                writeln!(out, "no execution of the program breaks {rule} any more")?;
                return Ok(Exit::Proved);
            };
            writeln!(out, "searched on from there:\n\n{}", failure::drawn(&found.trace, form))?;
            Ok(Exit::Refuted)
        }
        Replayed::Passes => {
            writeln!(out, "no execution of the program breaks {rule} any more")?;
            Ok(Exit::Proved)
        }
        Replayed::Impossible { reason } => Err(UsageError::Replay(reason)),
    }
}
