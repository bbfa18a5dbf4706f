//! The last of two owners frees what the other has written, and nothing orders the two.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "ownership_handed_over_relaxed",
    reference: "apache/asyncband#111",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "The halves of a channel agree by swaps of one word who is the last and frees it; the swap of the \
        half that goes away was relaxed, so what the other half wrote before is not ordered before it is \
        freed.",
    users: "No harm is reported; on weakly ordered machines a message could be freed before its bytes \
        arrive.",
    fix: "The swaps acquire what the other half released.",
    missed: "Perhaps, under Miri; the stress tests that came with the change are no proof, as its review \
        says.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const EMPTY: u8 = 0;
const MESSAGE: u8 = 1;
const CLOSED: u8 = 2;

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let last = if FIXED { AcqRel } else { Relaxed };
    let state = Arc::new(R::AtomicU8::new(EMPTY));
    let message = Arc::new(Plain::<R, u8>::new(0));
    let (state_of_sender, message_of_sender) = (Arc::clone(&state), Arc::clone(&message));
    let send = move || {
        message_of_sender.set(7);
        if state_of_sender.swap(MESSAGE, AcqRel) == CLOSED {
            message_of_sender.set(0);
        }
    };
    two::<R>(send, || {
        if state.swap(CLOSED, last) == MESSAGE {
            Rule::Ordered.demand(message.replace(0) == 7, "the message is not whole");
        }
    });
}
