//! The head of a fair queue wants more permits than there are and is dropped; nobody looks whether they suffice for the next.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "head_leaves_in_silence",
    reference: "awslabs/shuttle#167",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Fix,
    mechanism: "An acquire at the head of a fair queue wants more permits than there are and is dropped; it leaves the \
                queue, and nobody looks whether the permits suffice for the next one.",
    users: "Tests of right programs deadlock under the checker that the semaphore is part of.",
    fix: "Whoever leaves the head of the queue gives the waiters behind it what is there.",
    missed: "Yes, once tests drop acquires early: one that draws such programs was written with the mend.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Semaphore {
    available: u8,
    first_is_gone: bool,
    second_was_woken: bool,
}

impl Semaphore {
    /// The first waiter wants two permits and the second one: nothing passes the first while it is queued.
    fn serve_from_the_front(&mut self) {
        if self.first_is_gone && self.available >= 1 {
            self.available -= 1;
            self.second_was_woken = true;
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let semaphore = Arc::new(R::Mutex::new(Semaphore::default()));
    let holder = Arc::clone(&semaphore);
    let release = move || {
        let mut semaphore = holder.lock();
        semaphore.available += 1;
        semaphore.serve_from_the_front();
    };
    two::<R>(release, || {
        let mut semaphore = semaphore.lock();
        semaphore.first_is_gone = true;
        if FIXED {
            semaphore.serve_from_the_front();
        }
    });
    Rule::NotLost.demand(semaphore.lock().second_was_woken, "the next waiter sleeps beside a free permit");
}
