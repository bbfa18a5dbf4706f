//! The enable bit stays set after a transfer that has ended before it was stopped, and a channel that is enabled ignores its
//! setup.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "stale_enable_ignores_setup",
    reference: "embassy-rs/embassy#4204",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "The enable bit stays set after a transfer that has ended before it was stopped, and a channel that is \
                enabled ignores its setup.",
    users: "The second transfer of a channel never started, and whoever awaited it waited for ever.",
    fix: "The bit is cleared whenever a transfer is dropped or set up, whether it has ended or not.",
    missed: "With a second transfer on the same channel, on hardware; the report has the lines that mend it, and the \
             issue is open.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, Default)]
struct Registers {
    is_enabled: bool,
    count: u32,
    is_done: bool,
}

struct Channel<R: Runtime>(Monitor<R, Registers>);

impl<R: Runtime> Channel<R> {
    /// The hardware ends the transfer if it has begun and was not stopped; the enable bit it leaves to the driver.
    fn transfer(&self) {
        self.0.with(|registers| {
            if registers.is_enabled {
                registers.count = 0;
                registers.is_done = true;
            }
        });
    }

    /// Returns whether the registers took what was written to them.
    fn set_up(&self) -> bool {
        self.0.with(|registers| {
            let is_writable = !registers.is_enabled;
            if is_writable {
                *registers = Registers { is_enabled: true, count: 1, is_done: false };
            }
            is_writable
        })
    }

    fn drop_transfer<const FIXED: bool>(&self) {
        self.0.with(|registers| {
            if FIXED || !registers.is_done {
                registers.is_enabled = false;
            }
        });
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R>(Monitor::new(Registers::default())));
    channel.set_up();
    let hardware = Arc::clone(&channel);
    two::<R>(move || hardware.transfer(), || channel.drop_transfer::<FIXED>());
    Rule::NotBlocked.demand(channel.set_up(), "the channel has ignored its setup, and its transfer never starts");
}
