//! A receiver that goes away while the sender takes its waker meets a state that its destructor does not know.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "claim_missing_from_drop",
    reference: "faern/oneshot#60",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "The destructor of a polled receiver swaps in the mark of a closed channel and does not expect \
        that the sender was just then taking the waker.",
    users: "Services under load panic with an internal error when a pending receive is dropped.",
    fix: "The destructor waits until the sender has done with the waker, and then closes the channel.",
    missed: "Yes: the author wrote a model checker's test that shows it; before that it was seen under load \
        in somebody's program.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const RECEIVING: u8 = 0;
const TAKING: u8 = 1;
const MESSAGE: u8 = 2;
const CLOSED: u8 = 3;

fn drop_receiver<R: Runtime, const FIXED: bool>(state: &R::AtomicU8) {
    if FIXED {
        loop {
            match state.load(Acquire) {
                TAKING => R::yield_now(),
                seen if state.compare_exchange(seen, CLOSED, AcqRel, Acquire).is_ok() => return,
                _ => {}
            }
        }
    }
    let before = state.swap(CLOSED, AcqRel);
    Rule::Verdict.demand(before != TAKING, "the destructor meets a state that it does not know");
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(R::AtomicU8::new(RECEIVING));
    let sender = Arc::clone(&state);
    let send = move || {
        if sender.compare_exchange(RECEIVING, TAKING, AcqRel, Acquire).is_ok() {
            sender.swap(MESSAGE, AcqRel);
        }
    };
    two::<R>(send, || drop_receiver::<R, FIXED>(&state));
}
