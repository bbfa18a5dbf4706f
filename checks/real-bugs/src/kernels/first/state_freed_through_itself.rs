//! The last handle frees a state from inside a method that borrows it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "state_freed_through_itself",
    reference: "tokio-rs/tokio#4605",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "The method that gives up a reference of a token's state frees the state when the reference was \
        the last, while it is itself borrowed until it returns.",
    users: "Undefined behaviour in every program that drops a token; compilers were free to break it.",
    fix: "The state is freed through a pointer, by code that no longer borrows it.",
    missed: "Not by a model checker, which sees no borrows; the report reasons from the rules of the \
        language.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct State<R: Runtime> {
    handles: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> State<R> {
    fn drop_handle<const FIXED: bool>(&self) {
        let is_last = self.handles.fetch_sub(1, AcqRel) == 1;
        if is_last {
            self.memory.free();
        }
        if !FIXED && is_last {
            // The borrow of the method lasts until it returns: the memory has to be there.
            self.memory.touch();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(State::<R> { handles: Atomic::new(2), memory: Block::new("the token's state") });
    let other = Arc::clone(&state);
    two::<R>(move || other.drop_handle::<FIXED>(), || state.drop_handle::<FIXED>());
    state.memory.demand_freed();
}
