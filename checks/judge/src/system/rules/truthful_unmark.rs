//! `truthful-unmark`: a granted unmark means no callback, and a refusal for a cancel exactly one.

use cancelproof_machine::Unmark;
use cancelproof_machine::machine::Reply;

use super::Evidence;
use crate::system::history::{Answer, Arming, Operation};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    evidence.of(Verb::Unmark).find_map(|unmark| {
        let mark = mark_before(evidence, unmark)?;
        let (answer, starts) = (unmark.reply()?, evidence.starts(mark));
        if answer == Answer::Reply(Reply::Unmark(Unmark::Unmarked)) && starts > 0 {
            return Some(format!("mark {} was taken back, and its callback was called", mark + 1));
        }
        let is_refused = answer == Answer::Reply(Reply::Unmark(Unmark::Canceled));
        (is_refused && evidence.is_settled() && starts == 0)
            .then(|| format!("mark {} could not be taken back, and its callback never came", mark + 1))
    })
}

/// The mark that an unmark is about. A request has one driver at a time, so the marks before it are in order.
fn mark_before(evidence: &Evidence<'_>, unmark: &Operation) -> Option<Arming> {
    let marks = evidence.of(Verb::Mark).filter(|mark| mark.request() == unmark.request());
    marks.filter(|mark| mark.called < unmark.called).last().and_then(|mark| mark.arming)
}
