//! A notification of all who wait lets go of the lock in between, and reaches a wait that began after it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "later_wait_notified",
    reference: "tokio-rs/tokio#5404",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "Notifying everybody takes waiters off in portions and gives up the lock between them; a task \
        that was woken by the first portion and waits again is taken off by the second, for the same \
        call.",
    users: "A wait ends for a notification that was sent before it began.",
    fix: "The waiters of a call are moved to a list of its own at once.",
    missed: "Likely, by a test in which a waiter that was woken waits again before the call ends; the \
        discussion names none.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Default)]
struct State {
    first_was_notified: bool,
    second_waits: bool,
    second_was_notified: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(R::Mutex::new(State::default()));
    let notifier = Arc::clone(&state);
    let notify_all = move || {
        notifier.lock().first_was_notified = true;
        if !FIXED {
            let mut state = notifier.lock();
            state.second_was_notified = state.second_waits;
        }
    };
    two::<R>(notify_all, || {
        let mut state = state.lock();
        state.second_waits = state.first_was_notified;
    });
    let is_told = state.lock().second_was_notified;
    Rule::Verdict.demand(!is_told, "a wait was notified by a call that had begun before it");
}
