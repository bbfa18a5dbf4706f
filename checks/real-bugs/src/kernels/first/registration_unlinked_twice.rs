//! Two who drop a registration at once both take it off the list.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "registration_unlinked_twice",
    reference: "tokio-rs/mio#534",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "That a registration is dropped is told by an atomic that is not the last one its other half touches, and both \
                take its node off the list.",
    users: "The event loop panicked in its poll, on rare occasions, when a registration was dropped on another thread.",
    fix: "The drop is told by the last atomic that the other half touches, so that one of the two takes the node off.",
    missed: "Seldom: the reporter's project needed long to show it, and then the issue had test cases that failed.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct Registration<R: Runtime> {
    is_linked: R::AtomicU8,
    unlinking: Once<R>,
}

impl<R: Runtime> Registration<R> {
    fn unlink<const FIXED: bool>(&self) {
        let was_linked = if FIXED {
            self.is_linked.swap(0, AcqRel) == 1
        } else {
            let was_linked = self.is_linked.load(Acquire) == 1;
            self.is_linked.swap(0, AcqRel);
            was_linked
        };
        if was_linked {
            self.unlinking.happen();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let registration = Arc::new(Registration::<R> {
        is_linked: Atomic::new(1),
        unlinking: Once::new("the registration was unlinked"),
    });
    let other = Arc::clone(&registration);
    two::<R>(move || other.unlink::<FIXED>(), || registration.unlink::<FIXED>());
    registration.unlinking.demand_happened();
}
