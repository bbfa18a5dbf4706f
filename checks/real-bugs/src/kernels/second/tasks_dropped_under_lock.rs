//! A task that a closed scheduler takes no more is dropped under its lock, and the drop of a task wakes another, which takes that
//! lock.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "tasks_dropped_under_lock",
    reference: "tokio-rs/tokio#2082",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Fix,
    mechanism: "A task that is scheduled while its runtime shuts down is dropped under the lock of the scheduler's \
                queue, and the drop of a task wakes another, which takes that lock.",
    users: "A deadlock at shutdown, with a task whose destructor wakes somebody.",
    fix: "The lock is given back before the task is dropped.",
    missed: "Yes, by a model checker's test whose task wakes another one when it is dropped, in flight at the \
             shutdown; it came with the mend.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Scheduler<R: Runtime> {
    lock: Lock<R>,
    is_closed: Plain<R, bool>,
}

impl<R: Runtime> Scheduler<R> {
    /// The queue of a runtime that has shut down drops the task, whose destructor wakes another one.
    fn schedule<const FIXED: bool>(&self) {
        self.lock.acquire();
        let is_closed = self.is_closed.get();
        if FIXED {
            self.lock.release();
        }
        if is_closed {
            self.wake();
        }
        if !FIXED {
            self.lock.release();
        }
    }

    fn wake(&self) {
        self.lock.hold(|| ());
    }

    fn shut_down(&self) {
        self.lock.hold(|| self.is_closed.set(true));
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let scheduler = Arc::new(Scheduler::<R> { lock: Lock::new(), is_closed: Plain::new(false) });
    let worker = Arc::clone(&scheduler);
    two::<R>(move || worker.schedule::<FIXED>(), || scheduler.shut_down());
}
