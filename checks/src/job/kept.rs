//! A kept failure, run again: by its own execution first, which takes no time.

use serde::{Deserialize, Serialize};

use super::{Answer, Find, judge_program, tool_failure};
use crate::counterexample::{self, Counterexample, Decisions, Replayed, Token};
use crate::exploration::{Failure, FailureKind};
use crate::judge::{Engine, Settings};
use crate::rules::Violation;
use crate::trace::Trace;
use crate::verdict::{Judgement, Verdict};

/// What came of running a kept failure again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// What that says of the request.
    pub judgement: Judgement,
    /// Why the kept execution is not the one that the judgement rests on, if it is not.
    pub outdated: Option<String>,
    /// The token of the execution that fails now, and the execution, where one was found.
    pub found: Option<(String, Box<Trace>)>,
}

/// Runs the kept execution again; if it does not fail any more, searches on from there; and if nothing is found so, has
/// the engine judge the program as if nothing but that had been kept.
pub(super) fn replay(
    find: Find,
    request: &str,
    program: &str,
    token: &str,
    engine: Engine,
    settings: Settings,
) -> Answer {
    let (Some(subject), Ok(token)) = (find(request), token.parse::<Token>()) else {
        return tool_failure(format!("the token {token} is not of {request:?}"));
    };
    let (found, outdated) = match counterexample::replay(subject, &token) {
        Replayed::Fails(found) => (Some(found), None),
        Replayed::Changed { place, again } => {
            (again, Some(format!("its token does not fit any more: {place}")))
        }
        Replayed::Passes => (None, Some(format!("its execution breaks {} no more", token.rule))),
        Replayed::Impossible { reason } => (None, Some(format!("its token cannot be replayed: {reason}"))),
    };
    if let Some(found) = found {
        let judgement = refuted_by(&found, outdated.is_some());
        let found = Some((found.token.to_string(), Box::new(found.trace)));
        return Answer::Replayed(Replay { judgement, outdated, found });
    }
    match judge_program(find, request, program, engine, settings) {
        Answer::Judged(judgement) => Answer::Replayed(Replay { judgement, outdated, found: None }),
        other => other,
    }
}

/// The judgement that one failing execution makes: found by a search, or at once.
fn refuted_by(found: &Counterexample, was_searched: bool) -> Judgement {
    let is_at_once = !was_searched && matches!(found.token.decisions, Decisions::Deviations { .. });
    let execution = if is_at_once { 1 } else { found.token.decisions.execution() };
    let explanation = found.trace.header.broken.as_ref().map(|broken| broken.explanation.clone());
    let violation = Violation { rule: found.token.rule, explanation: explanation.unwrap_or_default() };
    let kind = FailureKind::Panic { message: violation.to_string() };
    let failure = Failure { kind, execution, decisions: Vec::new() };
    Judgement {
        executions: execution,
        ..Judgement::without_executions(Verdict::Refuted { violation, failure })
    }
}
