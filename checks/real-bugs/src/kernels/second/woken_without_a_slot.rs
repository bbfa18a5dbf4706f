//! A receiver frees a slot and wakes the sender that waits for one; another sender takes the slot before the woken one runs.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "woken_without_a_slot",
    reference: "rtic-rs/rtic#1027",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A receiver frees a slot and wakes the sender that waits for one; another sender takes the slot before \
                the woken one runs.",
    users: "A sender that had been woken found no slot, and paniced or waited on although the channel had been emptied \
            for it.",
    fix: "The receiver hands the slot to the waiting sender itself, and it is never free in between.",
    missed: "The fix was validated under loom, which the project's tests did not use before.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Slots {
    free: u32,
    handed: u32,
    is_woken: bool,
}

struct Channel<R: Runtime>(Monitor<R, Slots>);

impl<R: Runtime> Channel<R> {
    fn try_recv<const FIXED: bool>(&self) {
        self.0.update(|slots| {
            if FIXED {
                slots.handed += 1;
            } else {
                slots.free += 1;
            }
            slots.is_woken = true;
        });
    }

    fn try_send(&self) {
        self.0.with(|slots| slots.free = slots.free.saturating_sub(1));
    }

    /// Waits at the head of the queue since before the others came.
    fn send<const FIXED: bool>(&self) {
        let slots = self.0.wait(|slots| slots.is_woken, |slots| if FIXED { slots.handed } else { slots.free });
        Rule::NotLost.demand(slots > 0, "the sender was woken and has no slot");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R>(Monitor::new(Slots::default())));
    let (receiver, thief) = (Arc::clone(&channel), Arc::clone(&channel));
    three::<R>(move || receiver.try_recv::<FIXED>(), move || thief.try_send(), || channel.send::<FIXED>());
}
