//! Two permits are given back and one waiter is woken, since the second notification counts the first.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "one_wake_up_for_two_permits",
    reference: "smol-rs/async-lock#18",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Each permit that is given back makes sure that at least one waiter is notified; the second finds \
        that one is, and notifies nobody, although there are two permits and two waiters.",
    users: "A task waits although a permit is free.",
    fix: "Each permit notifies one more waiter.",
    missed: "Yes: two guards, two waiters, two drops is the whole test of the report.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Semaphore {
    permits: u8,
    notified: u8,
}

fn give_back<const FIXED: bool>(semaphore: &mut Semaphore) {
    semaphore.permits += 1;
    if FIXED || semaphore.notified == 0 {
        semaphore.notified += 1;
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let semaphore = Arc::new(R::Mutex::new(Semaphore::default()));
    let other = Arc::clone(&semaphore);
    let both_wait = |semaphore: &Semaphore| semaphore.notified < semaphore.permits;
    two::<R>(move || give_back::<FIXED>(&mut other.lock()), || {
        give_back::<FIXED>(&mut semaphore.lock());
    });
    Rule::NotLost.demand(!both_wait(&semaphore.lock()), "a wake-up, with a permit free and a task that waits");
}
