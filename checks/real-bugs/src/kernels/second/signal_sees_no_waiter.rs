//! A signal counts itself and sees no waiter, a waiter counts itself and sees no signal: nothing orders the two counts.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "signal_sees_no_waiter",
    reference: "apache/brpc#3539",
    language: Language::Cpp,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A signal counts itself and sees no waiter, a waiter counts itself and sees no signal: nothing orders the \
                two counts.",
    users: "A worker slept through a signal until the next one came.",
    fix: "Between the two steps of each stands a fence that is sequentially consistent.",
    missed: "Hardly on x86, which keeps the order of atomic additions; the change tells it from the memory model.",
    rule: Rule::NotLost,
    needs: Needs::WeakMemory,
};

struct Lot<R: Runtime> {
    signals: R::AtomicU32,
    waiters: R::AtomicU32,
}

impl<R: Runtime> Lot<R> {
    /// Returns whether it wakes somebody.
    fn signal<const FIXED: bool>(&self) -> bool {
        self.signals.fetch_add(2, Release);
        if FIXED {
            R::fence(SeqCst);
        }
        self.waiters.load(Relaxed) > 0
    }

    /// Returns whether it sleeps.
    fn wait<const FIXED: bool>(&self) -> bool {
        self.waiters.fetch_add(1, Relaxed);
        if FIXED {
            R::fence(SeqCst);
        }
        self.signals.load(Acquire) == 0
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let lot = Arc::new(Lot::<R> { signals: Atomic::new(0), waiters: Atomic::new(0) });
    let signaler = Arc::clone(&lot);
    let thread = R::spawn(move || signaler.signal::<FIXED>());
    let sleeps = lot.wait::<FIXED>();
    let wakes = thread.join();
    Rule::NotLost.demand(!sleeps || wakes, "the waiter sleeps, and the signal saw no waiter");
}
