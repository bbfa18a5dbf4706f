//! An interrupt comes between the look whether a task is ready and the instruction that waits for an interrupt.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "interrupt_before_the_wait",
    reference: "sammhicks/nostd_async#5",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "The executor looks in a critical section whether its task was woken, leaves it, and then waits \
        for an interrupt; the interrupt that wakes the task comes in between, and there is no other.",
    users: "A device sleeps for good although its task is ready.",
    fix: "The processor waits with interrupts still disabled, so that one that is pending ends the wait.",
    missed: "Not on a desk: the interrupt has to come between two instructions.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Core {
    is_ready: bool,
    is_asleep: bool,
    is_woken: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    // The lock stands for disabled interrupts.
    let core = Arc::new(R::Mutex::new(Core::default()));
    let handler = Arc::clone(&core);
    let interrupt = move || {
        let mut core = handler.lock();
        core.is_ready = true;
        core.is_woken = core.is_asleep;
    };
    two::<R>(interrupt, || {
        let mut disabled = core.lock();
        let is_ready = disabled.is_ready;
        if !FIXED {
            drop(disabled);
            disabled = core.lock();
        }
        disabled.is_asleep = !is_ready;
    });
    let core = core.lock();
    Rule::NotLost.demand(!core.is_asleep || core.is_woken, "the interrupt that came before the wait");
}
