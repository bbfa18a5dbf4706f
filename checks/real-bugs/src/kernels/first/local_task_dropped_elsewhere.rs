//! An abort from another thread finds a local task idle and drops it where it is.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "local_task_dropped_elsewhere",
    reference: "tokio-rs/tokio#3929",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "Aborting a task drops its future on the calling thread if nobody runs it; a task of a local set \
        may hold what must not leave its thread.",
    users: "Safe code could send to another thread what is not made for it.",
    fix: "An abort only marks the task, and its own thread drops it.",
    missed: "Yes, by a future that compares thread numbers when it is dropped, as the one in the report does.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const IDLE: u8 = 0;
const TAKEN: u8 = 1;
const ABORTED: u8 = 2;

struct Task<R: Runtime> {
    state: R::AtomicU8,
    home: usize,
}

impl<R: Runtime> Task<R> {
    fn abort<const FIXED: bool>(&self) {
        if FIXED {
            let _ = self.state.compare_exchange(IDLE, ABORTED, AcqRel, Acquire);
        } else if self.state.compare_exchange(IDLE, TAKEN, AcqRel, Acquire).is_ok() {
            self.drop_future();
        }
    }

    fn run(&self) {
        if self.state.swap(TAKEN, AcqRel) != TAKEN {
            self.drop_future();
        }
    }

    fn drop_future(&self) {
        Rule::Verdict.demand(R::current_number() == self.home, "a local task was dropped by another thread");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let task = Arc::new(Task::<R> { state: Atomic::new(IDLE), home: R::current_number() });
    let handle = Arc::clone(&task);
    two::<R>(move || handle.abort::<FIXED>(), || task.run());
}
