//! A permit meant for a waiter that was cancelled is given back twice.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "dead_waiter_counted_twice",
    reference: "redisson/redisson#7206",
    language: Language::Java,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "The loop that hands out permits finds that a waiter was cancelled, gives its permit back, and \
        then falls through to the line that gives back the permit of a round without waiters.",
    users: "A pool's counter climbs above its limit under time-outs, and its idle connections are no longer \
        closed as they should be.",
    fix: "After a cancelled waiter the loop goes round again.",
    missed: "Yes: by the change, a test with a cancelled waiter covers it.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

const WAITS: u8 = 0;
const GIVEN: u8 = 1;
const CANCELLED: u8 = 2;

struct Semaphore<R: Runtime> {
    waiter: R::AtomicU8,
    counter: R::AtomicU8,
}

impl<R: Runtime> Semaphore<R> {
    fn release<const FIXED: bool>(&self) {
        if self.waiter.compare_exchange(WAITS, GIVEN, AcqRel, Acquire).is_ok() {
            return;
        }
        self.counter.fetch_add(1, AcqRel);
        if !FIXED {
            self.counter.fetch_add(1, AcqRel);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let semaphore = Arc::new(Semaphore::<R> { waiter: Atomic::new(WAITS), counter: Atomic::new(0) });
    let holder = Arc::clone(&semaphore);
    let mut is_cancelled = false;
    two::<R>(move || holder.release::<FIXED>(), || {
        is_cancelled = semaphore.waiter.compare_exchange(WAITS, CANCELLED, AcqRel, Acquire).is_ok();
    });
    let permits = semaphore.counter.load(Acquire) + u8::from(!is_cancelled);
    Rule::ExactlyOnce.demand(permits == 1, format_args!("one permit is there {permits} times"));
}
