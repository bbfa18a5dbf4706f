//! Whoever completes a shared operation walks its waiters without a reference of its own, and the last waiter frees the state.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "notifier_holds_no_reference",
    reference: "NVIDIA/stdexec#1395",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Whoever completes a shared operation walks its waiters without a reference of its own, and the last \
                waiter frees the state.",
    users: "A heap use after free in `split` with a result that came from another thread.",
    fix: "The walk holds a reference from its beginning to its end.",
    missed: "Yes: the project's own test of a result from another thread shows it under a sanitizer, which the reporter \
             turned on.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Shared<R: Runtime> {
    references: R::AtomicU32,
    waiter_is_woken: R::AtomicU32,
    state: Block<R>,
}

impl<R: Runtime> Shared<R> {
    fn release(&self) {
        if self.references.fetch_sub(1, AcqRel) == 1 {
            self.state.free();
        }
    }

    fn notify<const FIXED: bool>(&self) {
        self.waiter_is_woken.store(1, Release);
        // On to the next waiter.
        self.state.touch();
        if FIXED {
            self.release();
        }
    }

    fn consume(&self) {
        if self.waiter_is_woken.load(Acquire) == 1 {
            self.release();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let shared = Arc::new(Shared::<R> {
        references: Atomic::new(if FIXED { 2 } else { 1 }),
        waiter_is_woken: Atomic::new(0),
        state: Block::new("the shared state"),
    });
    let notifier = Arc::clone(&shared);
    two::<R>(move || notifier.notify::<FIXED>(), || shared.consume());
}
