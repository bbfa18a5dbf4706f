//! A function returns early while an entry that names its stack is in the ring.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "context_on_a_stack_that_is_gone",
    reference: "alibaba/PhotonLibOS#1270",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "An operation is queued with the address of a context on the stack; when the entry for its timer \
        cannot be had the function returns at once, and the completion of the first is written to a \
        stack that is gone.",
    users: "Whatever lies on that stack by then is overwritten.",
    fix: "The function waits for the completion of what it has queued before it returns.",
    missed: "No: the ring has to be full at that moment. It was found by reading.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Operation<R: Runtime> {
    is_done: Signal<R>,
    context: Block<R>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let operation =
        Arc::new(Operation::<R> { is_done: Signal::new(), context: Block::new("the context on the stack") });
    let ring = Arc::clone(&operation);
    let reap = move || {
        ring.context.write();
        ring.is_done.wake();
    };
    two::<R>(reap, || {
        // There is no entry for the timer: the function gives up.
        if FIXED {
            operation.is_done.wait();
        }
        operation.context.free();
    });
}
