//! A channel that is aborted while it is enabled may start again after the abort, and writes into the buffer of the dropped
//! transfer.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "aborted_channel_starts_again",
    reference: "embassy-rs/embassy#6002",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A channel that is aborted while it is enabled may start again after the abort, and writes into the \
                buffer of the dropped transfer.",
    users: "Not told; a fault of the chip, for which its vendor's library has a way round that this driver had not.",
    fix: "The enable bit is cleared before the abort is asked for.",
    missed: "On that chip only, with an abort in the middle of a transfer; the vendor's list of faults names it.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    bus: Lock<R>,
    is_enabled: Plain<R, bool>,
    is_active: Plain<R, bool>,
    buffer: Block<R>,
}

impl<R: Runtime> Channel<R> {
    /// The fault: a trigger starts a channel that is enabled, aborted or not.
    fn trigger(&self) {
        self.bus.hold(|| self.is_active.set(self.is_enabled.get()));
        self.bus.hold(|| {
            if self.is_active.get() {
                self.buffer.write();
            }
        });
    }

    fn drop_transfer<const FIXED: bool>(&self) {
        if FIXED {
            self.bus.hold(|| self.is_enabled.set(false));
        }
        self.bus.hold(|| self.is_active.set(false));
        self.buffer.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> {
        bus: Lock::new(),
        is_enabled: Plain::new(true),
        is_active: Plain::new(true),
        buffer: Block::new("the buffer of the transfer"),
    });
    let hardware = Arc::clone(&channel);
    two::<R>(move || hardware.trigger(), || channel.drop_transfer::<FIXED>());
}
