//! The last reserved place of a closed channel is given back, and the receiver that waits for that is not woken.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "closed_channel_waits_for_a_permit",
    reference: "tokio-rs/tokio#2854",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Whole,
    mechanism: "A receiver has closed its channel and waits until no reserved place is left; a sender gives the last one back \
                without having sent, and wakes nobody.",
    users: "A service that shuts down by closing its channels waited until every handle of a sender was dropped.",
    fix: "Whoever gives back the last place of a closed channel wakes the receiver.",
    missed: "Likely, by a test that closes while a place is reserved and then drops it; the report names none.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    reserved: R::AtomicU32,
    receiver: Signal<R>,
}

impl<R: Runtime> Channel<R> {
    fn give_back<const FIXED: bool>(&self) {
        let is_last = self.reserved.fetch_sub(1, AcqRel) == 1;
        if is_last && FIXED {
            self.receiver.wake();
        }
    }

    /// The receiver of a channel that it has closed; its waker is there from an earlier poll.
    fn receive(&self) {
        while self.reserved.load(Acquire) > 0 {
            self.receiver.wait();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { reserved: Atomic::new(1), receiver: Signal::new() });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.give_back::<FIXED>(), || channel.receive());
}
