//! `in-order`: callbacks of one queue start in the order in which their requests were claimed.
//!
//! Two claims are in an order when the first was answered before the second was asked for. With one queue and one
//! dispatcher at a time their callbacks start in the same order.

use cancelproof_machine::Cancel;
use cancelproof_machine::machine::Reply;

use super::Evidence;
use crate::system::history::{Answer, Event, Request};
use crate::system::program::Verb;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if !evidence.is_real_time() {
        return None;
    }
    let claimed = Some(Answer::Reply(Reply::Cancel(Cancel::Claimed)));
    let claims = || evidence.of(Verb::Cancel).filter(|cancel| cancel.reply() == claimed);
    let start = |wanted: Request| {
        evidence.place(|event| matches!(event, Event::CallbackStarted { request, .. } if *request == wanted))
    };
    claims().find_map(|first| {
        claims().filter(|second| evidence.precedes(first, second)).find_map(|second| {
            let (before, after) = (first.request()?, second.request()?);
            let is_wrong = start(after)? < start(before)?;
            is_wrong.then(|| {
                format!("request {before} was claimed before request {after}, and is called back after it")
            })
        })
    })
}
