//! All children complete inside the request to stop, the last one destroys the operation, and the request goes on with its
//! list.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "children_complete_in_request",
    reference: "NVIDIA/stdexec#2115",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "All children complete inside the request to stop, the last one destroys the operation, and the request \
                goes on with its list.",
    users: "A thread spun for ever on a lock in freed memory, or crashed, when a `when_any` was stopped.",
    fix: "The stop callback counts itself among the children until the request has returned.",
    missed: "With children that complete in their stop callbacks; the fix came with such a test, the tests before had \
             children that wait.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Operation<R: Runtime> {
    children: R::AtomicU32,
    state: Block<R>,
}

impl<R: Runtime> Operation<R> {
    fn arrive(&self) {
        if self.children.fetch_sub(1, AcqRel) == 1 {
            self.state.free();
        }
    }

    /// One child completes in its stop callback; the other one completes by itself at any time.
    fn stop<const FIXED: bool>(&self) {
        if FIXED {
            self.children.fetch_add(1, AcqRel);
        }
        self.arrive();
        self.state.touch();
        if FIXED {
            self.arrive();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let operation = Arc::new(Operation::<R> { children: Atomic::new(2), state: Block::new("the operation") });
    let child = Arc::clone(&operation);
    two::<R>(move || child.arrive(), || operation.stop::<FIXED>());
}
