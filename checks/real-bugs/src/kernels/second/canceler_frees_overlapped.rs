//! Whoever cancels an overlapped operation frees its record, while the completion port still has a packet that names the
//! record.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceler_frees_overlapped",
    reference: "microsoft/demikernel#1149",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Whoever cancels an overlapped operation frees its record, while the completion port still has a packet \
                that names the record.",
    users: "A use after free whenever an operation on a Windows socket was canceled.",
    fix: "The record is left to whoever takes the packet, which comes for a canceled operation too.",
    missed: "Not by the project's tests: the report calls the order between the cancel and the port unclear, and nothing \
             there controls it.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

const DELIVERED: u32 = 1;
const ABANDONED: u32 = 2;

struct Operation<R: Runtime> {
    state: R::AtomicU32,
    record: Block<R>,
}

impl<R: Runtime> Operation<R> {
    /// The port's packet: the status is written into the record, whether the operation was canceled or not.
    fn deliver<const FIXED: bool>(&self) {
        self.record.write();
        if FIXED && self.state.fetch_or(DELIVERED, AcqRel) & ABANDONED != 0 {
            self.record.free();
        }
    }

    fn cancel<const FIXED: bool>(&self) {
        if FIXED && self.state.fetch_or(ABANDONED, AcqRel) & DELIVERED == 0 {
            return;
        }
        self.record.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let operation = Arc::new(Operation::<R> { state: Atomic::new(0), record: Block::new("the record") });
    let port = Arc::clone(&operation);
    two::<R>(move || port.deliver::<FIXED>(), || operation.cancel::<FIXED>());
    operation.record.demand_freed();
}
