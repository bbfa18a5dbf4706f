//! A sender sees that the channel is open, the receiver is dropped and takes the slots away, and the sender counts on a slot.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "slot_of_a_closed_channel",
    reference: "rtic-rs/rtic#1034",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A sender sees that the channel is open, the receiver is dropped and takes the slots away, and the sender \
                counts on a slot.",
    users: "A send that was interrupted by the drop of the receiver paniced.",
    fix: "A sender that finds no slot looks again whether the channel is closed, and tells its caller so.",
    missed: "The fix was validated under loom, which the project's tests did not use before.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    is_closed: R::AtomicU32,
    slots: R::AtomicU32,
}

impl<R: Runtime> Channel<R> {
    fn drop_receiver(&self) {
        self.is_closed.swap(1, AcqRel);
        self.slots.swap(0, AcqRel);
    }

    fn send<const FIXED: bool>(&self) {
        if self.is_closed.load(Acquire) == 1 {
            return;
        }
        let has_slot = self.slots.swap(0, AcqRel) == 1;
        let is_told_closed = FIXED && !has_slot && self.is_closed.load(Acquire) == 1;
        Rule::Verdict.demand(has_slot || is_told_closed, "an open channel with room has no slot");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { is_closed: Atomic::new(0), slots: Atomic::new(1) });
    let receiver = Arc::clone(&channel);
    two::<R>(move || receiver.drop_receiver(), || channel.send::<FIXED>());
}
