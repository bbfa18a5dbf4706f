//! The buffer that the kernel writes to belongs to the future that the caller may drop.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "buffer_in_the_future",
    reference: "foyer-rs/foyer#1286",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A pointer to the buffer goes to the thread of the ring, and the buffer itself into the future \
        that is returned; whoever drops the future frees what the kernel still writes to.",
    users: "Safe code that gives up a read corrupts the heap.",
    fix: "The buffer travels with the operation, and whoever is last frees it.",
    missed: "Yes, by reads that are dropped at once: the reporter's loop corrupts memory now and then.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Operation<R: Runtime> {
    owners: R::AtomicU8,
    buffer: Block<R>,
}

impl<R: Runtime> Operation<R> {
    fn give_up(&self) {
        if self.owners.fetch_sub(1, AcqRel) == 1 {
            self.buffer.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let owners = if FIXED { 2 } else { 1 };
    let operation =
        Arc::new(Operation::<R> { owners: Atomic::new(owners), buffer: Block::new("the buffer") });
    let kernel = Arc::clone(&operation);
    let read = move || {
        kernel.buffer.write();
        if FIXED {
            kernel.give_up();
        }
    };
    two::<R>(read, || operation.give_up());
    operation.buffer.demand_freed();
}
