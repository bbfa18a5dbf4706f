//! A receiver counts itself as asleep and looks for a message, a sender pushes one and looks for sleepers, and nothing orders
//! the pairs.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "sleepers_counted_relaxed",
    reference: "seanmonstar/spmc#11",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A receiver counts itself as asleep and looks for a message, a sender pushes one and looks for sleepers, \
                and nothing orders the pairs.",
    users: "Found before anybody was hurt: a receiver could sleep on with a message in the queue.",
    fix: "The counting and the looking are sequentially consistent, by this change and the next one.",
    missed: "Loom found it, for which the project put its channel under it.",
    rule: Rule::NotLost,
    needs: Needs::WeakMemory,
};

struct Channel<R: Runtime> {
    pushed: R::AtomicU32,
    sleepers: R::AtomicU32,
}

impl<R: Runtime> Channel<R> {
    /// A fence stands for the accesses of the fix, which are sequentially consistent: loom takes such loads for weaker ones.
    fn order<const FIXED: bool>() {
        if FIXED {
            R::fence(SeqCst);
        }
    }

    /// Returns whether it wakes the receiver.
    fn send<const FIXED: bool>(&self) -> bool {
        self.pushed.store(1, Release);
        Self::order::<FIXED>();
        self.sleepers.load(Acquire) > 0
    }

    /// Returns whether it sleeps.
    fn receive<const FIXED: bool>(&self) -> bool {
        self.sleepers.fetch_add(1, Relaxed);
        Self::order::<FIXED>();
        self.pushed.load(Acquire) == 0
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { pushed: Atomic::new(0), sleepers: Atomic::new(0) });
    let sender = Arc::clone(&channel);
    let thread = R::spawn(move || sender.send::<FIXED>());
    let sleeps = channel.receive::<FIXED>();
    let wakes = thread.join();
    Rule::NotLost.demand(!sleeps || wakes, "the receiver sleeps, and the sender saw no sleeper");
}
