//! A task that completes reads the waker of whoever joins it before it knows whether there is one.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_read_before_it_is_known",
    reference: "tokio-rs/tokio#2096",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "On completion a task reads the joiner's waker first and asks afterwards whether it was set; the \
        joiner may be writing it just then.",
    users: "Undefined behaviour in every task that is joined while it completes; a race detector reports it.",
    fix: "The waker is read only if the bit that was read says that it is there.",
    missed: "The model checker's tests covered it, but checked such reads only when their values were used.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const COMPLETE: u8 = 1;
const WAKER: u8 = 2;

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(R::AtomicU8::new(0));
    let waker = Arc::new(Plain::<R, u8>::new(0));
    let (state_of_task, waker_of_task) = (Arc::clone(&state), Arc::clone(&waker));
    let complete = move || {
        let early = if FIXED { 0 } else { waker_of_task.get() };
        if state_of_task.fetch_or(COMPLETE, AcqRel) & WAKER != 0 {
            let woken = if FIXED { waker_of_task.get() } else { early };
            Rule::Ordered.demand(woken == 1, "half a waker was woken");
        }
    };
    two::<R>(complete, || {
        waker.set(1);
        state.fetch_or(WAKER, AcqRel);
    });
}
