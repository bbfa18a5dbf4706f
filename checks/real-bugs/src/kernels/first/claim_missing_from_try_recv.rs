//! A receiver that was polled asks again while the sender takes its waker, a state that nobody has thought of.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "claim_missing_from_try_recv",
    reference: "faern/oneshot#23",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "After a poll has left its waker, a receiver that asks without waiting can meet the state in \
        which the sender takes that waker; the code knows no such state there and panics.",
    users: "A program that polls a receiver once and then asks without waiting aborts with an internal \
        error.",
    fix: "The state in which the waker is taken counts as empty.",
    missed: "Yes: the author's model checker test found it at once when it was written, after the release.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const RECEIVING: u8 = 0;
const TAKING: u8 = 1;
const MESSAGE: u8 = 2;

fn try_recv<R: Runtime, const FIXED: bool>(state: &R::AtomicU8) -> bool {
    match state.load(Acquire) {
        MESSAGE => true,
        TAKING if !FIXED => {
            Rule::Verdict.demand(false, "the receiver is told of a state that it does not know");
            false
        }
        _ => false,
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(R::AtomicU8::new(RECEIVING));
    let sender = Arc::clone(&state);
    let send = move || {
        sender.swap(TAKING, AcqRel);
        sender.swap(MESSAGE, AcqRel);
    };
    two::<R>(send, || {
        try_recv::<R, FIXED>(&state);
    });
    Rule::NotLost.demand(try_recv::<R, FIXED>(&state), "the message");
}
