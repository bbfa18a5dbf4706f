//! A waiter is dropped while it is queued, stays in the queue, and is given the permit.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "permit_given_to_the_dead",
    reference: "tokio-rs/tokio#904",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A sender that waits for capacity and is dropped before it has it stays in the semaphore's queue; \
        the next permit goes to it and nobody else hears of it.",
    users: "Channels stop although there is room, after a pending send was dropped.",
    fix: "A waiter that is dropped while queued leaves the queue, or passes on what it is given.",
    missed: "Likely, by a model checker's test that drops a sender between its readiness and its permit; the \
        report names none.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct State {
    first_is_queued: bool,
    first_has: bool,
    second_has: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = State { first_is_queued: true, first_has: false, second_has: false };
    let semaphore = Arc::new(R::Mutex::new(state));
    let other = Arc::clone(&semaphore);
    let add_permit = move || {
        let mut state = other.lock();
        if std::mem::take(&mut state.first_is_queued) {
            state.first_has = true;
        } else {
            state.second_has = true;
        }
    };
    two::<R>(add_permit, || {
        let mut state = semaphore.lock();
        if std::mem::take(&mut state.first_has) {
            state.second_has = true;
        } else if FIXED {
            state.first_is_queued = false;
        }
    });
    Rule::NotLost.demand(semaphore.lock().second_has, "the permit went to a waiter that was dropped");
}
