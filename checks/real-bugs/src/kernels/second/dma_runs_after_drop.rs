//! A dropped read ends its future and leaves the channel of direct memory access running, which goes on to write the buffer.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "dma_runs_after_drop",
    reference: "embassy-rs/embassy#1045",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A dropped read ends its future and leaves the channel of direct memory access running, which goes on to \
                write the buffer.",
    users: "With `select` around a read of a serial line the chip reported an error of its direct memory access.",
    fix: "The drop turns the channel off before the buffer's lifetime ends.",
    missed: "Only on the hardware with a read that loses a `select`; it came in as a regression that no test had \
             covered.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    bus: Lock<R>,
    is_enabled: Plain<R, bool>,
    buffer: Block<R>,
}

impl<R: Runtime> Channel<R> {
    /// The hardware moves two words, each in one turn of the bus.
    fn transfer(&self) {
        for _ in 0..2 {
            self.bus.hold(|| {
                if self.is_enabled.get() {
                    self.buffer.write();
                }
            });
        }
    }

    fn drop_read<const FIXED: bool>(&self) {
        if FIXED {
            self.bus.hold(|| self.is_enabled.set(false));
        }
        self.buffer.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> {
        bus: Lock::new(),
        is_enabled: Plain::new(true),
        buffer: Block::new("the buffer of the read"),
    });
    let hardware = Arc::clone(&channel);
    two::<R>(move || hardware.transfer(), || channel.drop_read::<FIXED>());
}
