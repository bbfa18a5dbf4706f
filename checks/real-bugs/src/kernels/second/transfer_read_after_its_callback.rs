//! A transfer's flags are read after its callback, by which its owner has learned that it may be destroyed.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "transfer_read_after_its_callback",
    reference: "GoogleChromeLabs/chromeos_smart_card_connector#1083",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Whole,
    mechanism: "The thread that handles events calls a transfer's callback and reads the transfer's flags on its next line; \
                whoever waited for that transfer has noticed the callback and destroyed it.",
    users: "A rare use after free in a driver for smart card readers.",
    fix: "Nothing of a transfer is read after its callback was called.",
    missed: "Yes, now and then: the author takes the tests that were there for enough to catch such bugs, with a low probability.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Transfer<R: Runtime> {
    is_completed: R::AtomicU32,
    memory: Block<R>,
}

impl<R: Runtime> Transfer<R> {
    fn handle_event<const FIXED: bool>(&self) {
        if FIXED {
            self.memory.touch();
        }
        // The callback.
        self.is_completed.store(1, Release);
        if !FIXED {
            self.memory.touch();
        }
    }

    /// One look: whoever finds the transfer completed destroys it.
    fn wait_and_destroy(&self) {
        if self.is_completed.load(Acquire) == 1 {
            self.memory.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let memory = Block::new("the transfer");
    let transfer = Arc::new(Transfer::<R> { is_completed: Atomic::new(0), memory });
    let handler = Arc::clone(&transfer);
    two::<R>(move || handler.handle_event::<FIXED>(), || transfer.wait_and_destroy());
}
