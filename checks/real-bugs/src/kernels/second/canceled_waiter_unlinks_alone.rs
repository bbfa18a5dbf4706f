//! A canceled consumer takes itself off the list of waiters while the completion walks the same list, and no lock orders the
//! two.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_waiter_unlinks_alone",
    reference: "NVIDIA/stdexec#1426",
    language: Language::Cpp,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A canceled consumer takes itself off the list of waiters while the completion walks the same list, and \
                no lock orders the two.",
    users: "Programs with many consumers of one `split` crashed or failed an assertion when they were stopped.",
    fix: "Whoever unlinks and whoever walks hold the same lock.",
    missed: "Yes, in a loop: the report's program fails with high probability, but the project's tests had no canceled \
             consumers.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

struct Waiters<R: Runtime> {
    lock: Lock<R>,
    link: Plain<R, u32>,
}

impl<R: Runtime> Waiters<R> {
    fn cancel<const FIXED: bool>(&self) {
        if FIXED {
            self.lock.hold(|| self.link.set(0));
        } else {
            self.link.set(0);
        }
    }

    fn complete(&self) {
        self.lock.hold(|| self.link.get());
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let waiters = Arc::new(Waiters::<R> { lock: Lock::new(), link: Plain::new(1) });
    let canceler = Arc::clone(&waiters);
    two::<R>(move || canceler.cancel::<FIXED>(), || waiters.complete());
}
