//! An interrupt that tells of a channel's suspension clears its control register, and with it the interrupt of completed
//! transfers.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "suspension_masks_completions",
    reference: "embassy-rs/embassy#7043",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "An interrupt that tells of a channel's suspension clears its control register, and with it the interrupt \
                of completed transfers.",
    users: "Ring buffers got out of step: completions were not counted, and reading ended with an error.",
    fix: "The suspension is polled for and has no interrupt.",
    missed: "Only on hardware, with a ring buffer that is read while data comes.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Registers {
    is_suspended: bool,
    tells_of_completion: bool,
    completions: u32,
}

struct Channel<R: Runtime>(R::Mutex<Registers>);

impl<R: Runtime> Channel<R> {
    fn suspend_and_resume<const FIXED: bool>(&self) {
        self.0.lock().is_suspended = true;
        self.interrupt::<FIXED>();
        self.0.lock().is_suspended = false;
    }

    fn interrupt<const FIXED: bool>(&self) {
        let mut registers = self.0.lock();
        if registers.is_suspended && !FIXED {
            registers.tells_of_completion = false;
        }
    }

    fn complete(&self) {
        let mut registers = self.0.lock();
        registers.completions += u32::from(registers.tells_of_completion);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let registers = Registers { tells_of_completion: true, ..Registers::default() };
    let channel = Arc::new(Channel::<R>(Mutex::new(registers)));
    let hardware = Arc::clone(&channel);
    two::<R>(move || hardware.complete(), || channel.suspend_and_resume::<FIXED>());
    let completions = channel.0.lock().completions;
    Rule::NotLost.demand(completions == 1, "a transfer was completed and not counted");
}
