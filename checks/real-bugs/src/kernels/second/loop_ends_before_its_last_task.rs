//! Whoever finishes a loop says so first and queues a task that wakes it then; the loop sees the first, returns, and its queue
//! is gone.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "loop_ends_before_its_last_task",
    reference: "NVIDIA/stdexec#1746",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Whoever finishes a loop says so first and queues a task that wakes it then; the loop sees the first, \
                returns, and its queue is gone.",
    users: "A stack use after free in `sync_wait` when the work ended on another thread.",
    fix: "The end is said, and the loop woken, under the lock that the loop takes before it returns.",
    missed: "Not by the tests: a first fix of the same race was refuted by Relacy in review.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Loop<R: Runtime> {
    lock: Lock<R>,
    is_finishing: Plain<R, bool>,
    queue: Block<R>,
}

impl<R: Runtime> Loop<R> {
    fn finish<const FIXED: bool>(&self) {
        self.lock.hold(|| {
            self.is_finishing.set(true);
            if FIXED {
                self.queue.touch();
            }
        });
        if !FIXED {
            self.queue.touch();
        }
    }

    fn run(&self) {
        if self.lock.hold(|| self.is_finishing.get()) {
            self.queue.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let run_loop = Arc::new(Loop::<R> {
        lock: Lock::new(),
        is_finishing: Plain::new(false),
        queue: Block::new("the queue of the loop"),
    });
    let worker = Arc::clone(&run_loop);
    two::<R>(move || worker.finish::<FIXED>(), || run_loop.run());
}
