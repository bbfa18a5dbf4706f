//! A task's state is read and written in a section that keeps out the interrupts of one core, while another core wakes the same
//! task.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "critical_section_of_one_core",
    reference: "embassy-rs/embassy#1332",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A task's state is read and written in a section that keeps out the interrupts of one core, while another \
                core wakes the same task.",
    users: "Not told; the change calls the critical sections of the executor unsound.",
    fix: "The state is changed by single atomic operations.",
    missed: "Not told; only with wakers that the sections do not keep out, as another core's.",
    rule: Rule::Ordered,
    needs: Needs::Orders,
};

const QUEUED: u32 = 1;

struct Task<R: Runtime> {
    state: R::AtomicU32,
    link: Plain<R, u32>,
    queue: Tally,
}

impl<R: Runtime> Task<R> {
    /// On a core of its own: the section is none to the other core.
    fn wake<const FIXED: bool>(&self, core: u32) {
        let before = if FIXED {
            self.state.fetch_or(QUEUED, AcqRel)
        } else {
            let before = self.state.load(Acquire);
            self.state.store(before | QUEUED, Release);
            before
        };
        if before & QUEUED == 0 {
            self.link.set(core);
            self.queue.count();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let task = Arc::new(Task::<R> { state: Atomic::new(0), link: Plain::new(0), queue: Tally::new() });
    let other = Arc::clone(&task);
    two::<R>(move || other.wake::<FIXED>(1), || task.wake::<FIXED>(0));
    Rule::Ordered.demand(task.queue.get() == 1, "two cores have each queued the task");
}
