//! A receive that must not wait waits for a slot that a sender has claimed, and that sender gets no processor while the
//! receiver runs.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "try_recv_waits_for_its_sender",
    reference: "rust-lang/rust#112723",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A receive that must not wait waits for a slot that a sender has claimed, and that sender gets no \
                processor while the receiver runs.",
    users: "`try_recv` spun for ever when a thread of lower priority had been preempted in the middle of a send.",
    fix: "A slot that is claimed and not filled is told to the caller, who comes again.",
    missed: "Only with threads of different priority on one core, as in the report.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Slot {
    is_claimed: bool,
    is_filled: bool,
}

struct Channel<R: Runtime> {
    slot: Monitor<R, Slot>,
    /// The receiver has the higher priority: as long as it runs, nobody else gets the processor.
    processor: Lock<R>,
}

impl<R: Runtime> Channel<R> {
    /// Between its two steps the sender is preempted.
    fn send(&self) {
        self.slot.with(|slot| slot.is_claimed = true);
        self.processor.hold(|| ());
        self.slot.update(|slot| slot.is_filled = true);
    }

    fn try_recv<const FIXED: bool>(&self) {
        self.processor.acquire();
        let is_claimed = self.slot.with(|slot| slot.is_claimed);
        if is_claimed && !FIXED {
            self.slot.wait(|slot| slot.is_filled, |_| ());
        }
        self.processor.release();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let slot = Monitor::new(Slot::default());
    let channel = Arc::new(Channel::<R> { slot, processor: Lock::new() });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.try_recv::<FIXED>());
}
