//! A waker is replaced while the bit that says that it may be read stays set.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_updated_in_place",
    reference: "irrustible/async-oneshot#20",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A receiver that polls again writes its new waker over the old one and leaves the bit set that \
        tells the sender that there is a waker to read.",
    users: "Half of a waker may be called, which is undefined behaviour in safe code.",
    fix: "The bit is cleared before the waker is written, and set again afterwards.",
    missed: "Hardly by tests on real threads: the report came from reading the code.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const WAKER: u8 = 1;
const SENT: u8 = 2;

struct Channel<R: Runtime> {
    state: R::AtomicU8,
    waker: Plain<R, u8>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        if self.state.fetch_or(SENT, AcqRel) & WAKER != 0 {
            Rule::Ordered.demand(self.waker.get() != 0, "half a waker was woken");
        }
    }

    fn poll_again<const FIXED: bool>(&self) {
        if FIXED && self.state.fetch_and(!WAKER, AcqRel) & SENT != 0 {
            return;
        }
        self.waker.set(2);
        self.state.fetch_or(WAKER, AcqRel);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { state: Atomic::new(WAKER), waker: Plain::new(1) });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.poll_again::<FIXED>());
}
