//! Whoever waits with a timeout closes the channel to say so, and the emitter closes the same channel when it is done.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "both_ends_close",
    reference: "olebedev/emitter#12",
    language: Language::Go,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "Whoever waits with a timeout closes the channel to say so, and the emitter closes the same channel when \
                it is done.",
    users: "The example of the project's own page panics now and then: a channel was closed twice.",
    fix: "One of the two closes, by an atomic claim.",
    missed: "By a timeout at the moment of the end; the report has a program that shows it every time.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct Done<R: Runtime> {
    claim: R::AtomicU32,
    closed: Once<R>,
}

impl<R: Runtime> Done<R> {
    /// The `select` of either end looks first whether the channel is closed.
    fn close<const FIXED: bool>(&self) {
        let is_ours = if FIXED { self.claim.swap(1, AcqRel) == 0 } else { !self.closed.has_happened() };
        if is_ours {
            self.closed.happen();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let done = Arc::new(Done::<R> { claim: Atomic::new(0), closed: Once::new("the channel was closed") });
    let emitter = Arc::clone(&done);
    two::<R>(move || emitter.close::<FIXED>(), || done.close::<FIXED>());
    done.closed.demand_happened();
}
