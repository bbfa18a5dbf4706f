//! A wait for a token pushes a node that only a cancel takes off, and other branches win.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "node_of_a_dropped_wait",
    reference: "Abso1ut3Zer0/nexus#169",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Polling a wait for cancellation pushes a node with a waker onto a stack that only a cancel \
        empties; the wait has no destructor, so in a select that another branch wins the node stays.",
    users: "Tasks that have ended are never freed, and a runtime that is dropped panics over references that \
        are left.",
    fix: "A wait that is dropped takes its node off, or marks it so that somebody does.",
    missed: "Yes, by a select and a look at what is left; the report asks for that test.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

const NONE: u8 = 0;
const NODE: u8 = 1;
const CANCELLED: u8 = 2;

struct Token<R: Runtime> {
    has_work: R::AtomicU8,
    head: R::AtomicU8,
    node: Block<R>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let token = Arc::new(Token::<R> {
        has_work: Atomic::new(1),
        head: Atomic::new(NONE),
        node: Block::new("the node of the wait"),
    });
    let canceler = Arc::clone(&token);
    let cancel = move || {
        let is_worth_it = canceler.has_work.load(Acquire) == 1;
        if is_worth_it && canceler.head.swap(CANCELLED, AcqRel) == NODE {
            canceler.node.free();
        }
    };
    two::<R>(cancel, || {
        let is_pushed = token.head.compare_exchange(NONE, NODE, AcqRel, Acquire).is_ok();
        // Another branch wins, and the wait is dropped.
        if !is_pushed || (FIXED && token.head.compare_exchange(NODE, NONE, AcqRel, Acquire).is_ok()) {
            token.node.free();
        }
        token.has_work.swap(0, AcqRel);
    });
    // The token lives on, and so does what is on its stack.
    token.node.demand_freed();
}
