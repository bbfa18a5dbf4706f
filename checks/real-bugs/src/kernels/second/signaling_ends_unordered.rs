//! The mark that a signal is on its way is taken away and read without an order, so the unlock before it may come after the
//! destruction.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "signaling_ends_unordered",
    reference: "open-mpi/ompi#14271",
    language: Language::C,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "The mark that a signal is on its way is taken away and read without an order, so the unlock before it \
                may come after the destruction.",
    users: "An assertion in the system's mutex failed on machines with weak memory.",
    fix: "The mark is taken away by a store that releases, and read by a load that acquires.",
    missed: "On such a machine only: x86 keeps the order, and a reviewer doubted one of the two barriers.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

struct Wait<R: Runtime> {
    is_signaling: R::AtomicU32,
    mutex: Plain<R, u32>,
}

impl<R: Runtime> Wait<R> {
    fn signal<const FIXED: bool>(&self) {
        // Unlocks the mutex.
        self.mutex.set(0);
        self.is_signaling.store(0, if FIXED { Release } else { Relaxed });
    }

    /// One turn of the loop that waits; the mutex is destroyed after it.
    fn release<const FIXED: bool>(&self) {
        if self.is_signaling.load(if FIXED { Acquire } else { Relaxed }) == 0 {
            self.mutex.set(u32::MAX);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let wait = Arc::new(Wait::<R> { is_signaling: Atomic::new(1), mutex: Plain::new(1) });
    let signaler = Arc::clone(&wait);
    two::<R>(move || signaler.signal::<FIXED>(), || wait.release::<FIXED>());
}
