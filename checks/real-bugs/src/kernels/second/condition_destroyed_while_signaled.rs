//! Whoever signals counts down to nought and signals then; whoever waits sees the nought, does not sleep, and destroys the
//! condition.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "condition_destroyed_while_signaled",
    reference: "open-mpi/ompi#1816",
    language: Language::C,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Whoever signals counts down to nought and signals then; whoever waits sees the nought, does not sleep, \
                and destroys the condition.",
    users: "Threads of a parallel program hung or crashed in the completion of requests.",
    fix: "A mark says that a signal is on its way, and is waited for before the condition is destroyed.",
    missed: "Yes, on one machine of the project's: it showed in a test of many threads there and nowhere else.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Wait<R: Runtime> {
    count: R::AtomicU32,
    is_signaling: Monitor<R, bool>,
    condition: Block<R>,
}

impl<R: Runtime> Wait<R> {
    fn signal<const FIXED: bool>(&self) {
        if self.count.fetch_sub(1, AcqRel) == 1 {
            self.condition.touch();
            if FIXED {
                self.is_signaling.update(|is_signaling| *is_signaling = false);
            }
        }
    }

    /// One look of whoever waits: at nought it goes on, without having slept.
    fn wait<const FIXED: bool>(&self) {
        if self.count.load(Acquire) == 0 {
            if FIXED {
                self.is_signaling.wait(|is_signaling| !is_signaling, |_| ());
            }
            self.condition.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let condition = Block::new("the condition");
    let wait = Wait::<R> { count: Atomic::new(1), is_signaling: Monitor::new(true), condition };
    let wait = Arc::new(wait);
    let signaler = Arc::clone(&wait);
    two::<R>(move || signaler.signal::<FIXED>(), || wait.wait::<FIXED>());
}
