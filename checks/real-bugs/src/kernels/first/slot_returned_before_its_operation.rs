//! An operation that is done gives its slot back, and is dropped before it says so.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "slot_returned_before_its_operation",
    reference: "neondatabase/tokio-epoll-uring#39",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A future whose operation is done gives back its slot, may yield there, and only then takes the \
        operation out; if it is dropped at the yield, its guard finds an operation and looks for a slot \
        that is not there.",
    users: "A storage server panics when a request is cancelled at the wrong moment.",
    fix: "The operation is taken out before the future may yield.",
    missed: "Seen in staging first; a test that drops the future at that point was written with the mend.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

struct Slot<R: Runtime> {
    has_operation: R::AtomicU8,
    is_taken: R::AtomicU8,
}

impl<R: Runtime> Slot<R> {
    fn complete<const FIXED: bool>(&self) {
        if FIXED {
            if self.has_operation.swap(0, AcqRel) == 1 {
                self.is_taken.swap(0, AcqRel);
            }
        } else {
            self.is_taken.swap(0, AcqRel);
            self.has_operation.swap(0, AcqRel);
        }
    }

    fn drop_future(&self) {
        if self.has_operation.swap(0, AcqRel) == 1 {
            let is_taken = self.is_taken.load(Acquire) == 1;
            Rule::Verdict.demand(is_taken, "an operation is there whose slot is not");
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let slot = Arc::new(Slot::<R> { has_operation: Atomic::new(1), is_taken: Atomic::new(1) });
    let poller = Arc::clone(&slot);
    two::<R>(move || poller.complete::<FIXED>(), || slot.drop_future());
}
