//! `serialized`: callbacks of the driver's never overlap where it has asked for that, and none starts while callbacks
//! are held back.

use cancelproof_machine::machine::Reply;
use cancelproof_machine::{Cancel, Rule};

use super::Evidence;
use crate::system::history::{Answer, Event, Operation};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(race) = evidence.is_race(Rule::Serialized) {
        return Some(format!("two callbacks of the driver's overlap: {race}"));
    }
    let hold = evidence.of(Verb::HoldPower).next()?;
    let release = evidence.of(Verb::ReleasePower).next()?;
    let claimed = |call: &&Operation| {
        let is_claim = call.reply() == Some(Answer::Reply(Reply::Cancel(Cancel::Claimed)))
            || call.step.verb == Verb::Mark;
        is_claim && evidence.precedes(hold, call)
    };
    evidence.operations.iter().filter(claimed).find_map(|call| {
        let wanted = call.request()?;
        let started = evidence
            .place(|event| matches!(event, Event::CallbackStarted { request, .. } if *request == wanted))?;
        let is_comparable = evidence.is_real_time() || release.thread == call.thread;
        (is_comparable && started < release.called)
            .then(|| format!("the callback of request {wanted} starts while callbacks are held back"))
    })
}
