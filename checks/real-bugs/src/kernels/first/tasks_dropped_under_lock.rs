//! A scheduler that shuts down drops its tasks under the lock that their destructors take to wake others.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "tasks_dropped_under_lock",
    reference: "tokio-rs/tokio#2082",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Read,
    mechanism: "The threaded scheduler holds a lock while it drops tasks in flight; the destructor of a task \
        that wakes another task takes the same lock.",
    users: "Programs hang at the end, when a runtime is dropped with tasks that notify each other.",
    fix: "The lock is given up before tasks are dropped.",
    missed: "Yes, by a task with such a destructor; it needs no particular schedule once the task is still \
        there.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Scheduler<R: Runtime> {
    lock: Lock<R>,
    has_task: Plain<R, bool>,
}

impl<R: Runtime> Scheduler<R> {
    fn run_task(&self) {
        self.lock.hold(|| self.has_task.set(false));
    }

    fn shut_down<const FIXED: bool>(&self) {
        self.lock.acquire();
        let drops_task = self.has_task.replace(false);
        if !FIXED && drops_task {
            self.wake_another();
        }
        self.lock.release();
        if FIXED && drops_task {
            self.wake_another();
        }
    }

    /// What the task's destructor does.
    fn wake_another(&self) {
        self.lock.hold(|| ());
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let scheduler = Arc::new(Scheduler::<R> { lock: Lock::new(), has_task: Plain::new(true) });
    let worker = Arc::clone(&scheduler);
    two::<R>(move || worker.run_task(), || scheduler.shut_down::<FIXED>());
}
