//! A transfer that is dropped because its peripheral failed polls for the completion flag, which a failed peripheral never
//! causes.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "drop_waits_for_completion",
    reference: "embassy-rs/embassy#2180",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A transfer that is dropped because its peripheral failed polls for the completion flag, which a failed \
                peripheral never causes.",
    users: "With a sensor unplugged the application hung for ever in the drop of a read of its serial line.",
    fix: "The drop suspends the channel and polls for the suspension, which the hardware grants at any time, and then \
          resets it.",
    missed: "Only with a line that fails in the middle of a transfer, which the reporter got by pulling a plug.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Clone, Copy)]
struct Registers {
    has_failed: bool,
    is_complete: bool,
    is_idle: bool,
}

struct Channel<R: Runtime>(Monitor<R, Registers>);

impl<R: Runtime> Channel<R> {
    /// The hardware ends the transfer if the peripheral still gives data; it is idle either way.
    fn transfer(&self) {
        self.0.update(|registers| {
            registers.is_complete = !registers.has_failed;
            registers.is_idle = true;
        });
    }

    /// A framing error ends the read, whose transfer is dropped.
    fn fail_and_drop<const FIXED: bool>(&self) {
        self.0.with(|registers| registers.has_failed = true);
        self.0.wait(|registers| if FIXED { registers.is_idle } else { registers.is_complete }, |_| ());
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let registers = Registers { has_failed: false, is_complete: false, is_idle: false };
    let channel = Arc::new(Channel::<R>(Monitor::new(registers)));
    let hardware = Arc::clone(&channel);
    two::<R>(move || hardware.transfer(), || channel.fail_and_drop::<FIXED>());
}
