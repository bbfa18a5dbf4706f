//! A channel counts as closed when any of its senders is gone.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "closed_by_the_first_to_go",
    reference: "theseus-os/Theseus#703",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "Dropping a sender marks the channel as disconnected although another sender is still there and \
        about to send.",
    users: "A receiver is told that the channel is closed, and messages come afterwards.",
    fix: "Only the last sender closes the channel.",
    missed: "Yes, by two senders; the tests had one of each, as the report says.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    senders: R::AtomicU8,
    is_closed: R::AtomicU8,
}

impl<R: Runtime> Channel<R> {
    fn drop_sender<const FIXED: bool>(&self) {
        if self.senders.fetch_sub(1, AcqRel) == 1 || !FIXED {
            self.is_closed.swap(1, AcqRel);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { senders: Atomic::new(2), is_closed: Atomic::new(0) });
    let (first, second) = (Arc::clone(&channel), Arc::clone(&channel));
    three::<R>(move || first.drop_sender::<FIXED>(), move || second.drop_sender::<FIXED>(), || {
        if channel.is_closed.load(Acquire) == 1 {
            let senders = channel.senders.load(Acquire);
            Rule::Verdict.demand(senders == 0, "told closed, with a sender that can still send");
        }
    });
}
