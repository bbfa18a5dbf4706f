//! `cancelproof replay`: one failing execution, run again from its token.

use std::io::Write;

use super::arguments::Replay;
use super::{Exit, UsageError, failure, output};
use cancelproof_model::Rule;

use crate::counterexample::{Decisions, Replayed, Token, replay};
use crate::registry;

pub(super) fn run(arguments: &Replay) -> Result<Exit, UsageError> {
    let token: Token = arguments.token.parse()?;
    let subject = registry::subject(&token.request).ok_or_else(|| {
        let reason = format!("it is of the request {:?}, which this program does not know", token.request);
        UsageError::Replay(reason)
    })?;
    if let (Decisions::Numbered { engine, execution, .. }, Rule::BoundedSteps) =
        (&token.decisions, token.rule)
    {
        output::say(format_args!(
            "running {engine} up to execution {execution}; if that takes this process down or never ends, \
             it is the failure that was found"
        ));
    }
    let mut out = output::coloured();
    match replay(subject, &token) {
        Replayed::Fails(found) => {
            writeln!(out, "{}", failure::text(&found, arguments.form))?;
            Ok(Exit::Refuted)
        }
        Replayed::Changed { place, again } => {
            writeln!(out, "the token does not fit any more: {place}")?;
            let Some(found) = again else {
                writeln!(out, "no execution of the program breaks {} any more", token.rule)?;
                return Ok(Exit::Proved);
            };
            writeln!(out, "searched on from there:\n\n{}", failure::text(&found, arguments.form))?;
            Ok(Exit::Refuted)
        }
        Replayed::Passes => {
            writeln!(out, "no execution of the program breaks {} any more", token.rule)?;
            Ok(Exit::Proved)
        }
        Replayed::Impossible { reason } => Err(UsageError::Replay(reason)),
    }
}
