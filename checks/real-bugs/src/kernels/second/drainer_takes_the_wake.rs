//! Whoever takes a slot and whoever waits until all are free wait for the same notification, and the one that there is wakes the
//! wrong one.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "drainer_takes_the_wake",
    reference: "rustfs/rustfs#4498",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Whoever takes a slot and whoever waits until all are free wait for one notification; giving a slot back \
                notifies one of them, and if that is the one who only looks, nobody is notified again.",
    users: "Found in a review: a task hung for ever although a slot was free.",
    fix: "Slots are a fair semaphore, and whoever waits until all are free watches a counter of its own.",
    missed: "Only with one who takes and one who drains at the same time; the report names no test that had both.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct State {
    free: u8,
    takers: u8,
    drainers: u8,
    /// Who came first.
    line: Vec<bool>,
}

struct Workers<R: Runtime>(R::Mutex<State>);

impl<R: Runtime> Workers<R> {
    fn take(&self) {
        let mut state = self.0.lock();
        if state.free > 0 {
            state.free -= 1;
        } else {
            state.takers += 1;
            state.line.push(true);
        }
    }

    fn drain(&self) {
        let mut state = self.0.lock();
        if state.free == 0 {
            state.drainers += 1;
            state.line.push(false);
        }
    }

    fn give<const FIXED: bool>(&self) {
        let mut state = self.0.lock();
        state.free += 1;
        let is_for_a_taker = state.takers > 0 && (FIXED || state.line[0]);
        if is_for_a_taker {
            state.takers -= 1;
            state.free -= 1;
        } else if !state.line.is_empty() {
            state.drainers -= 1;
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let workers = Arc::new(Workers::<R>(Mutex::new(State::default())));
    let (taker, drainer) = (Arc::clone(&workers), Arc::clone(&workers));
    three::<R>(move || taker.take(), move || drainer.drain(), || workers.give::<FIXED>());
    let state = workers.0.lock();
    let is_lost = state.free > 0 && state.takers > 0;
    drop(state);
    Rule::NotLost.demand(!is_lost, "a slot is free, and a task waits for one");
}
