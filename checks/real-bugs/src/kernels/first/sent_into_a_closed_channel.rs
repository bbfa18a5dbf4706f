//! A receiver that has closed its channel looks into the place of the value, which the sender is still using.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "sent_into_a_closed_channel",
    reference: "tokio-rs/tokio#4225",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A receiver that closes and then asks takes the value out if the channel is closed, whether or \
        not it was sent; the sender writes the value, finds the channel closed, and takes it back at the \
        same time.",
    users: "Both halves use one value: a panic for small values, a crash for values with memory of their \
        own.",
    fix: "The receiver looks into the place only if the bit says that the value is there.",
    missed: "Likely, by a model checker's test that closes and then receives; the loop in the report shows it \
        in moments.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const VALUE: u8 = 1;
const CLOSED: u8 = 2;

struct Channel<R: Runtime> {
    state: R::AtomicU8,
    value: Plain<R, u8>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        self.value.set(7);
        let mut seen = self.state.load(Acquire);
        while seen & CLOSED == 0 {
            match self.state.compare_exchange(seen, seen | VALUE, AcqRel, Acquire) {
                Ok(_) => return,
                Err(found) => seen = found,
            }
        }
        let taken_back = self.value.replace(0);
        Rule::Ordered.demand(taken_back == 7, "the sender takes back what it has not sent");
    }

    fn close_and_receive<const FIXED: bool>(&self) {
        self.state.fetch_or(CLOSED, AcqRel);
        let state = self.state.load(Acquire);
        if state & VALUE != 0 || !FIXED {
            self.value.replace(0);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { state: Atomic::new(0), value: Plain::new(0) });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.close_and_receive::<FIXED>());
}
