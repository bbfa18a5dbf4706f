//! A waiter that was given a permit is dropped before it runs; the permit goes back and the next waiter sleeps on.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "permit_returned_in_silence",
    reference: "awslabs/shuttle#167",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Dropping an acquire that has its permit and has not run gives the permit back to the semaphore, \
        but does not wake the waiter that is next in the queue.",
    users: "Tests of right programs deadlock under the checker that the semaphore is part of.",
    fix: "Whoever gives a permit back wakes the next waiter.",
    missed: "Yes, once tests drop acquires early: such a test was written with the mend.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Semaphore {
    available: u8,
    first_has: bool,
    first_is_gone: bool,
    second_was_woken: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let semaphore = Arc::new(R::Mutex::new(Semaphore::default()));
    let holder = Arc::clone(&semaphore);
    let release = move || {
        let mut semaphore = holder.lock();
        if semaphore.first_is_gone {
            semaphore.available += 1;
            semaphore.second_was_woken = true;
        } else {
            semaphore.first_has = true;
        }
    };
    two::<R>(release, || {
        let mut semaphore = semaphore.lock();
        semaphore.first_is_gone = true;
        if std::mem::take(&mut semaphore.first_has) {
            semaphore.available += 1;
            semaphore.second_was_woken = FIXED;
        }
    });
    Rule::NotLost.demand(semaphore.lock().second_was_woken, "the next waiter sleeps beside a free permit");
}
