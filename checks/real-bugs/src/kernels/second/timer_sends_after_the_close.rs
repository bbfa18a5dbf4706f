//! A job is queued in time, its timeout is stopped and the channel closed; the timeout had fired already and sends on the
//! channel.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "timer_sends_after_the_close",
    reference: "ahmetask/worker#8",
    language: Language::Go,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A job is queued in time, its timeout is stopped and the channel closed; the timeout had fired already \
                and sends on the channel.",
    users: "A worker pool paniced now and then: a send on a closed channel.",
    fix: "The channel is not closed, and goes away when nobody has it any more.",
    missed: "Only where the timeout and the job come together; the report explains that stopping a timer does not wait \
             for it.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

struct Pool<R: Runtime> {
    is_stopped: R::AtomicU32,
    is_closed: R::AtomicU32,
}

impl<R: Runtime> Pool<R> {
    fn enqueue<const FIXED: bool>(&self) {
        self.is_stopped.store(1, Release);
        if !FIXED {
            self.is_closed.store(1, Release);
        }
    }

    fn fire(&self) {
        if self.is_stopped.load(Acquire) == 1 {
            return;
        }
        let is_closed = self.is_closed.load(Acquire) == 1;
        Rule::NotLate.demand(!is_closed, "the timeout sends on a channel that is closed");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pool = Arc::new(Pool::<R> { is_stopped: Atomic::new(0), is_closed: Atomic::new(0) });
    let timer = Arc::clone(&pool);
    two::<R>(move || timer.fire(), || pool.enqueue::<FIXED>());
}
