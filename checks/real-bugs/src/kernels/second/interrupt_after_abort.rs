//! An aborted transfer's completion interrupt is already pending, fires after the abort, and completes the transfer that comes
//! next.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "interrupt_after_abort",
    reference: "embassy-rs/embassy#6013",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "An aborted transfer's completion interrupt is already pending, fires after the abort, and completes the \
                transfer that comes next.",
    users: "Stress tests of a flash driver failed, one of them because of the driver beneath.",
    fix: "The abort masks the interrupt and clears what is pending before it turns the channel off.",
    missed: "It was found by stress tests that its author wrote for the flash driver, not by tests of the driver it is \
             in.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, Default)]
struct Registers {
    is_enabled: bool,
    is_pending: bool,
    completions: u32,
}

struct Channel<R: Runtime>(Monitor<R, Registers>);

impl<R: Runtime> Channel<R> {
    /// The hardware ends the first transfer, and its interrupt is served some time later.
    fn finish_and_interrupt(&self) {
        self.0.with(|registers| registers.is_pending = std::mem::take(&mut registers.is_enabled));
        self.0.with(|registers| {
            if std::mem::take(&mut registers.is_pending) {
                registers.completions += 1;
            }
        });
    }

    /// Aborts the first transfer and begins a second, of which the hardware moves nothing here.
    fn abort_and_begin<const FIXED: bool>(&self) {
        self.0.with(|registers| {
            registers.is_enabled = false;
            if FIXED {
                registers.is_pending = false;
            }
        });
        self.0.with(|registers| registers.completions = 0);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let registers = Registers { is_enabled: true, ..Registers::default() };
    let channel = Arc::new(Channel::<R>(Monitor::new(registers)));
    let hardware = Arc::clone(&channel);
    two::<R>(move || hardware.finish_and_interrupt(), || channel.abort_and_begin::<FIXED>());
    let completions = channel.0.with(|registers| registers.completions);
    Rule::NotLate.demand(completions == 0, "the aborted transfer's interrupt has completed the next one");
}
