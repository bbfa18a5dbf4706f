//! A wait is dropped and leaves its waker in the set, which is emptied only when everybody is woken.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_of_a_canceled_wait_stays",
    reference: "apache/asyncband#101",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A wait puts its waker into a set that waking everybody empties; a wait that is dropped takes \
        nothing out, so its waker stays for as long as nobody is woken.",
    users: "The memory of tasks that gave up their wait is held by a primitive that lives on.",
    fix: "A wait that is dropped takes its own waker out of the set.",
    missed: "Likely, by counting wakers after a cancel; the report follows from the review of another change.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct WaitSet<R: Runtime> {
    has_waker: R::Mutex<bool>,
    waker: Block<R>,
}

impl<R: Runtime> WaitSet<R> {
    fn take_waker(&self) {
        let had_waker = std::mem::take(&mut *self.has_waker.lock());
        if had_waker {
            self.waker.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let set = Arc::new(WaitSet::<R> { has_waker: Mutex::new(false), waker: Block::new("the waker") });
    let waking = Arc::clone(&set);
    two::<R>(move || waking.take_waker(), || {
        *set.has_waker.lock() = true;
        // The wait is given up.
        if FIXED {
            set.take_waker();
        }
    });
    // Nobody wakes the set again, and it is still there.
    set.waker.demand_freed();
}
