//! Two who drop a registration at once both take it off the list.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "registration_unlinked_twice",
    reference: "tokio-rs/mio#534",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::ListOnly,
    mechanism: "A registration that is dropped while its other half goes is taken off the list of registrations \
        twice.",
    users: "The list is left in pieces; what happens then is not known from here.",
    fix: "The one that finds it linked takes it off, and nobody else.",
    missed: "Not known: the report was not read.",
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
