//! A runtime that shuts down drops its tasks under the scheduler's lock, and the drop of a task wakes another, which takes that
//! lock.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "tasks_dropped_under_lock",
    reference: "tokio-rs/tokio#2082",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A runtime that shuts down drops its tasks under the scheduler's lock, and the drop of a task wakes \
                another, which takes that lock.",
    users: "A deadlock at shutdown, with a task whose destructor wakes somebody.",
    fix: "The tasks are taken out under the lock and dropped after it was given back.",
    missed: "By a task whose destructor wakes another one, in flight at the shutdown.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Scheduler<R: Runtime> {
    lock: Lock<R>,
    has_task: Plain<R, bool>,
}

impl<R: Runtime> Scheduler<R> {
    fn wake(&self) {
        self.lock.hold(|| ());
    }

    /// A worker may end the task before; otherwise it is dropped, and its destructor wakes.
    fn shut_down<const FIXED: bool>(&self) {
        self.lock.acquire();
        let has_task = self.has_task.replace(false);
        if FIXED {
            self.lock.release();
        }
        if has_task {
            self.wake();
        }
        if !FIXED {
            self.lock.release();
        }
    }

    fn finish_task(&self) {
        self.lock.hold(|| self.has_task.set(false));
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let scheduler = Arc::new(Scheduler::<R> { lock: Lock::new(), has_task: Plain::new(true) });
    let worker = Arc::clone(&scheduler);
    two::<R>(move || worker.finish_task(), || scheduler.shut_down::<FIXED>());
}
