//! A cancel is submitted to a ring that is full, and its entry overwrites that of an operation which the kernel has not taken
//! yet.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "submission_overwrites_full_ring",
    reference: "Jamol/libkev#10",
    language: Language::Cpp,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A cancel is submitted to a ring that is full, and its entry overwrites that of an operation which the \
                kernel has not taken yet.",
    users: "An operation was submitted, never begun, and nobody was told.",
    fix: "Whoever submits compares its end of the ring with the kernel's, and is asked to come again when the ring is \
          full.",
    missed: "Not by a test of one operation at a time; the change that mends it has no test and no words but its title.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const OPERATION: u32 = 1;
const CANCEL: u32 = 2;

/// A ring of one entry.
struct Ring<R: Runtime> {
    entry: R::AtomicU32,
    head: R::AtomicU32,
    begun: Tally,
}

impl<R: Runtime> Ring<R> {
    /// The kernel takes what is in the entry.
    fn take(&self) {
        if self.entry.swap(0, AcqRel) == OPERATION {
            self.begun.count();
        }
        self.head.fetch_add(1, AcqRel);
    }

    /// Returns whether the cancel was submitted.
    fn cancel<const FIXED: bool>(&self) -> bool {
        let is_full = self.head.load(Acquire) == 0;
        if FIXED && is_full {
            return false;
        }
        self.entry.swap(CANCEL, AcqRel);
        true
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let ring = Arc::new(Ring::<R> { entry: Atomic::new(OPERATION), head: Atomic::new(0), begun: Tally::new() });
    let kernel = Arc::clone(&ring);
    two::<R>(
        move || kernel.take(),
        || {
            ring.cancel::<FIXED>();
        },
    );
    Rule::NotLost.demand(ring.begun.get() == 1, "an operation was submitted and the kernel never saw it");
}
