//! Part of *linearizable*: what is asked outlives the request, so its answers are told from all calls and not from the state.
//!
//! Where the source of cancels outlives what was marked with it, exactly one cancel of all was the first; and where is-canceled
//! tells of the source, it tells the truth after the end as well.

use cancelproof_machine::contract::{CancelAfterEnd, CancelAnswers, IsCanceledWhileMarked};
use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Cancel, IsCanceled, Mark, Misuse};

use super::Evidence;
use crate::history::{Event, Operation, Order};

/// What is untrue of what the calls together were told of the source.
pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    first(evidence).or_else(|| after_the_end(evidence)).or_else(|| refused_anew(evidence))
}

/// Where marks after a claim stand anew, one that is made when the callback of the only cancel has returned is not refused for that
/// cancel. Callbacks have no fixed place in a run of the machine, so this is told from the events.
fn refused_anew(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.contract.rearms() {
        return None;
    }
    let history = evidence.history;
    let refused = Some(Reply::Mark(Mark::Refused(Misuse::CancelClaimed)));
    let returned = |mark: &&Operation| {
        history.events[..mark.called].iter().any(|event| match event {
            Event::CallbackReturned { thread, .. } => {
                history.order == Order::RealTime || *thread == mark.thread
            }
            _ => false,
        })
    };
    let is_alone = |mark: &&Operation| {
        let before = |cancel: &&Operation| mark.answer.is_some_and(|(answered, _)| cancel.called < answered);
        evidence.calls(Call::Cancel).filter(before).count() == 1
    };
    let mark =
        evidence.calls(Call::Mark).filter(|mark| mark.reply() == refused).filter(returned).find(is_alone)?;
    Some(format!(
        "the mark of thread {} was refused for a cancel whose callback had returned, and marks stand anew after that",
        mark.thread
    ))
}

/// Of all cancels one was the first: it says so, and none was answered before it was called.
fn first(evidence: &Evidence<'_>) -> Option<String> {
    let answer_of_the_first = match evidence.contract.cancel_answers {
        CancelAnswers::WhetherItAskedFirst => Cancel::Claimed,
        CancelAnswers::WhetherSomebodyAskedBefore => Cancel::NotClaimed,
        _ => return None,
    };
    if evidence.contract.cancel_after_end != CancelAfterEnd::Asks {
        return None;
    }
    let cancels: Vec<&Operation> = evidence.calls(Call::Cancel).collect();
    if cancels.is_empty() || cancels.iter().any(|cancel| cancel.reply().is_none_or(Reply::is_untold)) {
        return None;
    }
    let says_so = |cancel: &&&Operation| cancel.reply() == Some(Reply::Cancel(answer_of_the_first));
    let mut firsts = cancels.iter().filter(says_so);
    let Some(one) = firsts.next() else {
        return Some("of all cancels none was told that it was the first to ask".to_owned());
    };
    if let Some(other) = firsts.next() {
        return Some(format!(
            "the cancels of threads {} and {} were both told that they were the first to ask",
            one.thread, other.thread
        ));
    }
    let earlier = cancels.iter().find(|earlier| evidence.history.precedes(earlier, one))?;
    Some(format!(
        "the cancel of thread {} was told that it was the first to ask, and that of thread {} had been answered",
        one.thread, earlier.thread
    ))
}

/// Once the request has ended, is-canceled says yes only if somebody has asked, and no only if nobody had before.
fn after_the_end(evidence: &Evidence<'_>) -> Option<String> {
    let contract = evidence.contract;
    if contract.is_canceled_while_marked != IsCanceledWhileMarked::Tells || !contract.remembers_cancel() {
        return None;
    }
    let ended = evidence.completions().next()?;
    let late = |question: &&Operation| evidence.history.precedes(ended, question);
    evidence.calls(Call::IsCanceled).filter(late).find_map(|question| {
        let mut cancels = evidence.calls(Call::Cancel);
        match question.reply()? {
            Reply::IsCanceled(IsCanceled::Yes) => {
                let (answered, _) = question.answer?;
                let has_asked =
                    contract.cancel_after_end == CancelAfterEnd::Asks || !contract.cancel_completes();
                (!has_asked || cancels.all(|cancel| cancel.called > answered)).then(|| {
                    "is-canceled was answered \"yes\" after the end, and nobody had asked".to_owned()
                })
            }
            Reply::IsCanceled(IsCanceled::No) if contract.cancel_after_end == CancelAfterEnd::Asks => cancels
                .any(|cancel| evidence.history.precedes(cancel, question))
                .then(|| "is-canceled was answered \"no\" after the end, and somebody had asked".to_owned()),
            _ => None,
        }
    })
}
