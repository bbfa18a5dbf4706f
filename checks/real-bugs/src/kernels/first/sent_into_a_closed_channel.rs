//! A sender says that the value is there although the channel is closed, and takes it back while the receiver takes it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "sent_into_a_closed_channel",
    reference: "tokio-rs/tokio#4225",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Fix,
    mechanism: "A sender writes the value, sets the bit that it is there although the channel has been closed, and \
                takes the value back; the receiver that closed it sees the bit and takes the value too.",
    users: "Both halves use one value: a panic for small values, a crash for values with memory of their \
        own.",
    fix: "The sender sets the bit only if the channel is open, by a compare-exchange.",
    missed: "Yes, by a model checker's test that closes and then receives, which came with the mend; the loop in \
             the report shows it in moments.",
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
    fn send<const FIXED: bool>(&self) {
        self.value.set(7);
        let before = if FIXED { self.say_sent_if_open() } else { self.state.fetch_or(VALUE, AcqRel) };
        if before & CLOSED != 0 {
            let taken_back = self.value.replace(0);
            Rule::Ordered.demand(taken_back == 7, "the sender takes back what it has not sent");
        }
    }

    fn say_sent_if_open(&self) -> u8 {
        let mut seen = self.state.load(Acquire);
        while seen & CLOSED == 0 {
            match self.state.compare_exchange(seen, seen | VALUE, AcqRel, Acquire) {
                Ok(_) => return seen,
                Err(found) => seen = found,
            }
        }
        seen
    }

    fn close_and_receive(&self) {
        self.state.fetch_or(CLOSED, AcqRel);
        if self.state.load(Acquire) & VALUE != 0 {
            self.value.replace(0);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { state: Atomic::new(0), value: Plain::new(0) });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send::<FIXED>(), || channel.close_and_receive());
}
