//! *callback-released*: the callback object is given back exactly once: when the mark is refused or taken back, or
//! when the callback has returned; not before, and not later. Where completion takes the mark with it, that counts as
//! taking it back.
//!
//! Specification: I10, I11 and the reference ledger in 2.5. loom's own leak accounting counts as well.

use cancelproof_machine::Mark;

use super::Evidence;
use super::marks::MarkRecord;
use crate::exploration::FailureKind;
use crate::history::{Arming, Event};

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if let Some(FailureKind::Leak { message }) = evidence.failure {
        return Some(format!("an object was never released: {message}"));
    }
    evidence
        .marks
        .iter()
        .find_map(|mark| released_too_early(evidence, mark.arming).or_else(|| kept_or_lost(evidence, mark)))
}

fn released_too_early(evidence: &Evidence<'_>, arming: Arming) -> Option<String> {
    let (mut running, mut is_released) = (0, false);
    for event in &evidence.history.events {
        match *event {
            Event::CallbackStarted { arming: of, .. } if of == arming && is_released => {
                return Some(format!(
                    "the callback object of mark {} was released before it ran",
                    arming + 1
                ));
            }
            Event::CallbackStarted { arming: of, .. } if of == arming => running += 1,
            Event::CallbackReturned { arming: of, .. } if of == arming => running -= 1,
            Event::Released { arming: of } if of == arming && running > 0 => {
                return Some(format!("the callback object of mark {} was released while it ran", arming + 1));
            }
            Event::Released { arming: of } if of == arming => is_released = true,
            _ => {}
        }
    }
    None
}

fn kept_or_lost(evidence: &Evidence<'_>, mark: &MarkRecord) -> Option<String> {
    if !evidence.history.is_settled() || mark.reply.is_none() {
        return None;
    }
    let number = mark.arming + 1;
    let is_release = |event: &&Event| matches!(event, Event::Released { arming } if *arming == mark.arming);
    let settled = evidence.history.events.iter().position(|event| *event == Event::Settled)?;
    let (before, after) = evidence.history.events.split_at(settled);
    let releases = (before.iter().filter(is_release).count(), after.iter().filter(is_release).count());
    let is_disarmed = evidence.contract.completion_disarms()
        && !evidence.contract.calls_back_after_completion()
        && evidence.completions().next().is_some();
    let is_called = evidence.history.starts(mark.arming) > 0 && !evidence.is_called_by_the_end(mark);
    let may_be_kept = mark.may_stand() && !is_disarmed && !is_called;
    match releases {
        (1, 0) => None,
        (0, 1) if may_be_kept => None,
        (0, 1) => {
            let since = match mark.reply {
                Some(Mark::Marked) => "its mark was over",
                _ => "its mark was refused",
            };
            Some(format!("the callback object of mark {number} was kept after {since}"))
        }
        (0, 0) => Some(format!("the callback object of mark {number} was never released")),
        (early, late) => {
            Some(format!("the callback object of mark {number} was released {} times", early + late))
        }
    }
}
