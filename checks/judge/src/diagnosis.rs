//! What is probably wrong with an adapter, when a request is refuted or an engine gives up.
//!
//! A rule says what was broken. Four mistakes are so common in a first adapter that they are named as well: a contract
//! that is not the declared one, a callback object that is dropped instead of called, a request that shares memory past
//! the runtime, and a blocking call that is not the runtime's (`workers/stuck.rs`). Memory that executions leave behind breaks
//! no rule either, and is looked for when somebody asks.

mod contract;
mod leaks;
mod neighbours;
mod unseen;

pub use contract::{Inferred, Mismatch, behaves_like, explain, infer};
pub use leaks::{Leak, can_see_leaks, leak};
pub use unseen::sees_no_operation;

use crate::verdict::Verdict;

/// A hint at the mistake behind a verdict, where it is one of those that a verdict shows.
#[must_use]
pub fn hint(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::ToolFailure { reason } if reason.contains("not deterministic") => Some(
            "hint: something that the runtime does not own decides what happens at that place: a static, a type of \
             std::sync, a thread local, the time, an address or a random number; put it behind the runtime `R`, or make \
             it anew in `new`"
                .to_owned(),
        ),
        Verdict::Vacuous { missing } if missing.contains("callback") => Some(
            "hint: no cancel ever led to the callback: `mark` has to keep the `Callback` until it is called or the mark is \
             taken back"
                .to_owned(),
        ),
        _ => None,
    }
}
