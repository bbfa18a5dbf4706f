//! *no-lost-cancel*: a cancel of a marked request leads to its callback, however early the cancel comes.
//!
//! Specification: I7, I8 and I14; Appendix C: "arm reads K before publishing R", "pending callback dropped".

use cancelproof_machine::Cancel;
use cancelproof_machine::machine::{Call, Reply};

use super::Evidence;
use super::marks::MarkRecord;
use crate::history::{Arming, Event, Operation};
use crate::scenario::Scope;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.history.is_settled() {
        return None;
    }
    forgotten(evidence).or_else(|| claimed_without_callback(evidence))
}

/// A mark still stands at the end although a cancel came.
fn forgotten(evidence: &Evidence<'_>) -> Option<String> {
    // A cancel that is not remembered has said so: it was answered "not claimed".
    if !evidence.contract.remembers_cancel() {
        return None;
    }
    if evidence.scope == Scope::DriversRace || evidence.completions().next().is_some() {
        return None;
    }
    let cancel = evidence.calls(Call::Cancel).find(|cancel| cancel.answer.is_some())?;
    // A mark that stands anew after a claim is not meant by the cancel before it.
    let is_meant = |mark: &MarkRecord| {
        let contract = evidence.contract;
        let (ignores, rearms) = (contract.ignores_late_marks(), contract.rearms() && mark.arming > 0);
        !(ignores || rearms) || precedes_every_cancel(evidence, mark)
    };
    // What only the end of the request calls has not come for the cancel.
    let is_called =
        |mark: &MarkRecord| evidence.history.starts(mark.arming) > 0 && !evidence.is_called_by_the_end(mark);
    let mark = evidence.marks.iter().find(|mark| mark.is_standing() && !is_called(mark) && is_meant(mark))?;
    Some(format!(
        "thread {} canceled, mark {} was accepted and never taken back, and its callback was never called{}",
        cancel.thread,
        mark.arming + 1,
        dropped(evidence, mark.arming),
    ))
}

/// Whether every cancel is known to have been called when the mark had been answered.
fn precedes_every_cancel(evidence: &Evidence<'_>, mark: &MarkRecord) -> bool {
    let marked = evidence.calls(Call::Mark).find(|call| call.arming == Some(mark.arming));
    marked.is_some_and(|marked| {
        evidence.calls(Call::Cancel).all(|cancel| evidence.history.precedes(marked, cancel))
    })
}

/// Where the callback object was dropped before the threads had ended, which nobody does who means to call it.
fn dropped(evidence: &Evidence<'_>, arming: Arming) -> String {
    let events = &evidence.history.events;
    let ended = events.iter().position(|event| *event == Event::Settled).unwrap_or(events.len());
    let released = events[..ended].iter().position(|event| *event == Event::Released { arming });
    let call = released.and_then(|released| {
        let is_open = |call: &&Operation| {
            call.called < released && call.answer.is_none_or(|(answered, _)| answered > released)
        };
        // The call that was handed the object is the first to be suspected.
        let open = || evidence.operations.iter().rev().filter(is_open);
        open().find(|call| call.call == Call::Mark && call.arming == Some(arming)).or_else(|| open().next())
    });
    call.map_or_else(String::new, |call| {
        format!("; the request dropped its callback object in {} of thread {}", call.call, call.thread)
    })
}

/// More cancels say that they claimed the request than callbacks were made.
fn claimed_without_callback(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.contract.cancel_tells_claims() {
        return None;
    }
    let claimed = Some(Reply::Cancel(Cancel::Claimed));
    let claims = evidence.calls(Call::Cancel).filter(|cancel| cancel.reply() == claimed).count();
    let starts: usize = evidence.marks.iter().map(|mark| evidence.history.starts(mark.arming)).sum();
    (claims > starts)
        .then(|| format!("{claims} cancels were answered \"claimed\", and {starts} callbacks were called"))
}
