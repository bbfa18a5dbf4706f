//! A receiver finds no value and then a channel that is closed, and does not look again.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "value_missed_before_the_end",
    reference: "zesterer/flume#120",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A receiver looks for a value, finds none, and looks whether the sender is gone; the sender sends \
        and goes in between, and the receiver says that the channel is closed.",
    users: "A value that was sent is never received; the receiver is told that there was none.",
    fix: "After it has seen the end a receiver looks for a value once more.",
    missed: "Hardly by chance: the sender has to send and go between two lines of one poll.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let value = Arc::new(R::AtomicU8::new(0));
    let is_closed = Arc::new(R::AtomicU8::new(0));
    let (sent, closed) = (Arc::clone(&value), Arc::clone(&is_closed));
    let send_and_go = move || {
        sent.swap(1, AcqRel);
        closed.swap(1, AcqRel);
    };
    two::<R>(send_and_go, || {
        if value.swap(0, AcqRel) == 1 {
            return;
        }
        let is_told_closed = is_closed.load(Acquire) == 1 && (!FIXED || value.swap(0, AcqRel) == 0);
        let is_left = value.load(Acquire) == 1;
        Rule::Verdict.demand(!(is_told_closed && is_left), "told closed, with a value in the channel");
    });
}
