//! A timer that has expired and was cancelled is called all the same, since its call was queued.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "timer_fires_after_its_cancel",
    reference: "rsvim/rsvim#560",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A timer that expires puts its callback on the queue of the event loop; a cancel that comes \
        before the loop runs it takes the timer out of its table and not the callback out of the queue.",
    users: "A callback runs after the script has cancelled it.",
    fix: "The loop skips the callback of a timer that is no longer in the table.",
    missed: "Likely, by a script that cancels late; the change names no test.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

struct Loop {
    is_armed: bool,
    is_queued: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = Arc::new(R::Mutex::new(Loop { is_armed: true, is_queued: false }));
    let clock = Arc::clone(&state);
    let expire = move || {
        let mut state = clock.lock();
        state.is_queued = state.is_armed;
    };
    two::<R>(expire, || {
        state.lock().is_armed = false;
        let state = state.lock();
        if state.is_queued && (state.is_armed || !FIXED) {
            Rule::NotLate.demand(state.is_armed, "the callback runs after its cancel");
        }
    });
}
