//! A receiver that moves to another task takes the old waker's mark away, finds the value there, and forgets the waker.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "old_waker_leaked_on_migration",
    reference: "tokio-rs/tokio#1649",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "To replace its waker a receiver clears the bit that says there is one; if the value has just \
        come it returns at once, and the old waker, which no bit speaks of any more, is never dropped.",
    users: "Memory of finished tasks stays for good when a receive moves from task to task.",
    fix: "The bit is set again before the receiver returns, so that the channel drops the waker.",
    missed: "Yes: the model checker found it as soon as it counted what is never freed.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

const VALUE: u8 = 1;
const WAKER: u8 = 2;

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(R::AtomicU8::new(WAKER));
    let (old, new) = (Block::<R>::new("the old waker"), Block::<R>::new("the new waker"));
    let sender = Arc::clone(&state);
    let send = move || {
        sender.fetch_or(VALUE, AcqRel);
    };
    let mut is_old = true;
    two::<R>(send, || {
        if state.fetch_and(!WAKER, AcqRel) & VALUE == 0 {
            old.free();
            is_old = false;
            state.fetch_or(WAKER, AcqRel);
        } else if FIXED {
            state.fetch_or(WAKER, AcqRel);
        }
    });
    // The channel goes, and with it the waker that it has by its own account.
    if state.load(Acquire) & WAKER != 0 {
        if is_old { old.free() } else { new.free() }
    }
    old.demand_freed();
}
