//! A waiter that was taken off the list to be woken takes itself off once more when it is dropped.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "woken_waiter_removed_twice",
    reference: "apache/asyncband#41",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "Releasing a permit takes the waiter off the list by its key; a waiter that is dropped after it \
        was woken and before it ran takes itself off by the same key, which is no longer there.",
    users: "A task that is canceled just after its semaphore woke it panics with an invalid key.",
    fix: "A waiter that is dropped looks whether it is still on the list.",
    missed: "Yes: wake, then drop is a test of four lines, and always panics without the fix; nobody had \
        written it.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let is_listed = Arc::new(R::Mutex::new(true));
    let list = Arc::clone(&is_listed);
    let release = move || *list.lock() = false;
    two::<R>(release, || {
        let mut is_listed = is_listed.lock();
        if !FIXED {
            Rule::Verdict.demand(*is_listed, "the waiter's key is not known any more");
        }
        *is_listed = false;
    });
}
