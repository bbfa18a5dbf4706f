//! A waiter that is canceled gives back permits that it was never given.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "permit_given_back_twice",
    reference: "apache/asyncband#40",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A waiter on the list for a permit gives back all it asked for when it is dropped, whether or not \
        it was given anything.",
    users: "A semaphore of one lets two in after a canceled acquire.",
    fix: "A canceled waiter gives back what it was given and no more.",
    missed: "Yes: acquire, drop, release and count is a test of ten lines, which was written with the fix.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct State {
    available: u8,
    is_waiting: bool,
    is_given: bool,
}

fn release(state: &mut State) {
    if std::mem::take(&mut state.is_waiting) {
        state.is_given = true;
    } else {
        state.available += 1;
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let state = State { available: 0, is_waiting: true, is_given: false };
    let semaphore = Arc::new(R::Mutex::new(state));
    let holder = Arc::clone(&semaphore);
    two::<R>(move || release(&mut holder.lock()), || {
        let mut state = semaphore.lock();
        state.is_waiting = false;
        if state.is_given || !FIXED {
            state.available += 1;
        }
    });
    let available = semaphore.lock().available;
    Rule::ExactlyOnce.demand(available == 1, format_args!("one permit is there {available} times"));
}
