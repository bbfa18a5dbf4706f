//! Notifying all waiters counts a generation by a load and a store of the word that also holds a permit, which comes in
//! between.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "counting_overwrites_a_permit",
    reference: "tokio-rs/tokio#3660",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Notifying all waiters counts a generation by a load and a store of the word that also holds a permit, \
                which comes in between.",
    users: "A permit of `notify_one` could be lost, and its waiter would not wake.",
    fix: "The generation is counted by one atomic addition.",
    missed: "Loom shows it, as was tried when a reviewer asked; there had been no such test.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const PERMIT: u32 = 1;
const GENERATION: u32 = 4;

struct Notify<R: Runtime>(R::AtomicU32);

impl<R: Runtime> Notify<R> {
    fn notify_one(&self) {
        self.0.fetch_or(PERMIT, SeqCst);
    }

    fn notify_waiters<const FIXED: bool>(&self) {
        if FIXED {
            self.0.fetch_add(GENERATION, SeqCst);
        } else {
            let state = self.0.load(SeqCst);
            self.0.store(state + GENERATION, SeqCst);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let notify = Arc::new(Notify::<R>(Atomic::new(0)));
    let other = Arc::clone(&notify);
    two::<R>(move || other.notify_one(), || notify.notify_waiters::<FIXED>());
    let has_permit = notify.0.load(SeqCst) & PERMIT != 0;
    Rule::NotLost.demand(has_permit, "a permit was given and is gone");
}
