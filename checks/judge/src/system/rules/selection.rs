//! What the canceling calls of an application select, and when what they select was outstanding.

use cancelproof_references::application::Selected;

use super::Evidence;
use crate::system::history::{Answer, Event, Operation, Request};
use crate::system::program::Verb;

/// The file of each handle of the harness.
const FILES: [u8; 3] = [0, 0, 1];

/// One I/O of the application's, by the places of what happened to it.
pub(super) struct Outstanding<'a> {
    pub(super) request: Request,
    pub(super) issue: &'a Operation,
    /// From here on it was surely outstanding.
    surely_from: usize,
    /// Here its driver has completed it; `None` if it never has.
    ended: Option<usize>,
    /// From here on it was surely not outstanding any more: the I/O manager notes the end a few steps after the driver's
    /// completion, but before the call is answered that completed it.
    surely_ended: Option<usize>,
}

/// Everything that the application has issued.
pub(super) fn issued<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = Outstanding<'a>> {
    evidence.operations.iter().filter(|operation| is_issue(operation.step.verb)).filter_map(|issue| {
        let request = issue.request()?;
        let nested = evidence.of(Verb::Mark).find(|mark| {
            mark.request() == Some(request) && mark.thread == issue.thread && mark.called > issue.called
        });
        let answered = issue.answer.map(|(answered, _)| answered);
        let surely_from = nested.map(|mark| mark.called).or(answered).unwrap_or(usize::MAX);
        let ended = evidence
            .place(|event| matches!(event, Event::Completed { request: ended, .. } if *ended == request));
        let surely_ended = ended.map(|ended| answer_of_all_around(evidence, ended));
        Some(Outstanding { request, issue, surely_from, ended, surely_ended })
    })
}

/// The place by which the call is answered that was being made at `place`, whichever thread made it.
///
/// Of each thread the innermost call counts: the outer one, whose callback made it, may be answered much later, and what
/// another thread calls in between finds the I/O ended all the same.
fn answer_of_all_around(evidence: &Evidence<'_>, place: usize) -> usize {
    let answered = |operation: &Operation| operation.answer.map_or(usize::MAX, |(answered, _)| answered);
    let is_around = |operation: &&Operation| operation.called < place && answered(operation) > place;
    let around = || evidence.operations.iter().filter(is_around);
    let is_innermost = |operation: &&Operation| {
        !around().any(|other| other.thread == operation.thread && other.called > operation.called)
    };
    around().filter(is_innermost).map(answered).max().unwrap_or(place)
}

fn is_issue(verb: Verb) -> bool {
    matches!(verb, Verb::Issue | Verb::Block)
}

impl Outstanding<'_> {
    /// Whether a call selects it, for as long as it is outstanding.
    pub(super) fn is_selected_by(&self, call: &Operation) -> bool {
        let file = FILES[usize::from(self.issue.step.number(1))];
        let is_blocking = self.issue.step.verb == Verb::Block;
        let is_on_file = || FILES.get(usize::from(call.step.number(0))) == Some(&file);
        match call.step.verb {
            Verb::Cancel => call.request() == Some(self.request),
            Verb::CancelIo => is_on_file() && call.thread == self.issue.thread,
            Verb::CancelIoEx => {
                let overlapped = call.step.numbers[1];
                let is_with = overlapped.is_none() || overlapped == self.issue.step.numbers[2];
                is_on_file() && is_with && !(overlapped.is_some() && is_blocking)
            }
            Verb::CancelSynchronousIo => is_blocking && call.step.number(0) == self.issue.thread,
            Verb::Exit => call.thread == self.issue.thread,
            _ => false,
        }
    }

    /// Whether it was outstanding during the whole of a call.
    pub(super) fn is_outstanding_throughout(&self, call: &Operation) -> bool {
        let Some((answered, _)) = call.answer else { return false };
        self.surely_from < call.called && self.ended.is_none_or(|ended| ended > answered)
    }

    /// Whether it may have been outstanding at some point of a call.
    pub(super) fn is_outstanding_during(&self, call: &Operation) -> bool {
        let answered = call.answer.map_or(usize::MAX, |(answered, _)| answered);
        self.issue.called < answered && self.surely_ended.is_none_or(|ended| ended > call.called)
    }
}

/// The calls that cancel, with those left out that were refused before they selected anything.
pub(super) fn canceling<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = &'a Operation> {
    evidence.operations.iter().filter(|operation| {
        let is_refused =
            matches!(operation.reply(), Some(Answer::Selected(Selected::BadHandle | Selected::AccessDenied)));
        let is_canceling = matches!(
            operation.step.verb,
            Verb::Cancel | Verb::CancelIo | Verb::CancelIoEx | Verb::CancelSynchronousIo | Verb::Exit
        );
        is_canceling && !is_refused
    })
}
