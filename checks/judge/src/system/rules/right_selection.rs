//! `right-selection`: a cancel touches all that it selects, and nothing else.
//!
//! Whether a request was touched shows at the end, by its cancel bit. A request that was used again is touched in its
//! new life only by cancels of that life, of which these programs have none.

use cancelproof_machine::Status;

use super::Evidence;
use super::selection::{Outstanding, canceling, issued};
use crate::system::history::{Event, Operation};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    let later_life = evidence.events.iter().find_map(|event| match event {
        Event::SentCompleted { life, status } if *life > 0 && *status != Status::Success => Some(*life),
        _ => None,
    });
    if let Some(life) = later_life {
        return Some(format!(
            "life {} of the sent request is canceled, and nobody has canceled it",
            life + 1
        ));
    }
    if !evidence.is_settled() {
        return None;
    }
    issued(evidence).find_map(|io| of_one(evidence, &io))
}

fn of_one(evidence: &Evidence<'_>, io: &Outstanding<'_>) -> Option<String> {
    let request = io.request;
    let is_touched = evidence.events.contains(&Event::Touched { request });
    let mut selecting = canceling(evidence).filter(|call| io.is_selected_by(call));
    if is_touched {
        let is_comparable = evidence.is_real_time();
        // The I/O manager's own cancel may come to a request that has ended, and then means nothing.
        let is_free = |call: &Operation| !is_comparable || call.step.verb == Verb::Cancel;
        let is_right = selecting.any(|call| is_free(call) || io.is_outstanding_during(call));
        return (!is_right).then(|| format!("request {request} is canceled, and no call selects it"));
    }
    let missed = selecting.find(|call| evidence.is_real_time() && io.is_outstanding_throughout(call))?;
    Some(format!(
        "{} of thread {} selects request {request} and does not cancel it",
        missed.step, missed.thread
    ))
}
