//! Whoever finishes a loop says so first and queues a task that wakes it then; the loop sees the first, returns, and its queue
//! is gone.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "loop_ends_before_its_last_task",
    reference: "NVIDIA/stdexec#1746",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Fix,
    mechanism: "Whoever finishes a loop says so first and queues a task that wakes it then; the loop sees the first, \
                returns, and its queue is gone.",
    users: "A stack use after free in `sync_wait` when the work ended on another thread.",
    fix: "Whoever finishes counts itself among the tasks in flight first, and the loop waits until there is none.",
    missed: "Yes, by Relacy: a first fix was refuted by it in review, and such a test came with the mend.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Loop<R: Runtime> {
    is_finishing: R::AtomicU32,
    in_flight: Monitor<R, u32>,
    queue: Block<R>,
}

impl<R: Runtime> Loop<R> {
    fn finish<const FIXED: bool>(&self) {
        if FIXED {
            self.in_flight.with(|tasks| *tasks += 1);
        }
        self.is_finishing.store(1, Release);
        // The task that wakes the loop is queued.
        self.queue.touch();
        if FIXED {
            self.in_flight.update(|tasks| *tasks -= 1);
        }
    }

    /// One look at the mark: a loop that goes on waiting is not part of this.
    fn run(&self) {
        if self.is_finishing.load(Acquire) == 1 {
            self.in_flight.wait(|tasks| *tasks == 0, |_| ());
            self.queue.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let run_loop = Arc::new(Loop::<R> {
        is_finishing: Atomic::new(0),
        in_flight: Monitor::new(0),
        queue: Block::new("the queue of the loop"),
    });
    let worker = Arc::clone(&run_loop);
    two::<R>(move || worker.finish::<FIXED>(), || run_loop.run());
}
