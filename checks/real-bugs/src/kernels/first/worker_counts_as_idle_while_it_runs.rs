//! A worker that has been notified still counts as idle, so the next task is left to it as well.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "worker_counts_as_idle_while_it_runs",
    reference: "tokio-rs/tokio#8056",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Fix,
    mechanism: "A worker takes itself off the count of idle ones after it has come back from its wait with a task; whoever \
                spawns another one before that sees it idle, notifies it, and starts no new worker.",
    users: "Blocking tasks that were spawned never ran while the worker's own task went on; services and their tests hung.",
    fix: "Whoever notifies a worker takes it off the count: the queue that counted otherwise was taken out again.",
    missed: "Yes, by many short programs on a fresh runtime, with tasks that wait for each other: the test that came after the \
             release does that 512 times.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Pool<R: Runtime> {
    idle: R::AtomicU32,
    notified: Signal<R>,
    started: Tally,
}

impl<R: Runtime> Pool<R> {
    /// Queues a task that runs for long, and sees to it that there is a worker for it.
    fn spawn<const FIXED: bool>(&self) {
        if self.idle.load(Acquire) == 0 {
            self.started.count();
            return;
        }
        if FIXED {
            self.idle.fetch_sub(1, AcqRel);
        }
        self.notified.wake();
    }

    fn worker<const FIXED: bool>(&self) {
        self.notified.wait();
        if !FIXED {
            self.idle.fetch_sub(1, AcqRel);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pool = Arc::new(Pool::<R> { idle: Atomic::new(1), notified: Signal::new(), started: Tally::new() });
    let worker = Arc::clone(&pool);
    two::<R>(
        move || worker.worker::<FIXED>(),
        || {
            pool.spawn::<FIXED>();
            pool.spawn::<FIXED>();
        },
    );
    Rule::NotLost.demand(pool.started.get() == 1, "a task in the queue, with the one worker busy");
}
