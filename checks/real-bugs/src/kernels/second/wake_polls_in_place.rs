//! A waker polls its task on the spot when the task is idle; whoever wakes holds a lock which that poll needs.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "wake_polls_in_place",
    reference: "nginx/ngx-rust#294",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A waker polls its task on the spot when the task is idle; whoever wakes holds a lock which that poll \
                needs.",
    users: "Connections hung: a library wakes its connection's task in a destructor, under the lock of its streams.",
    fix: "A wake-up always queues the task, which is polled at the next turn of the loop.",
    missed: "Not with futures that wake from their own poll; the report has a program without a server that shows it.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Task<R: Runtime> {
    streams: Lock<R>,
    is_running: R::AtomicU32,
    is_queued: R::AtomicU32,
}

impl<R: Runtime> Task<R> {
    fn poll(&self) {
        self.streams.hold(|| ());
    }

    fn wake<const FIXED: bool>(&self) {
        if FIXED || self.is_running.load(Acquire) == 1 {
            self.is_queued.swap(1, AcqRel);
        } else {
            self.poll();
        }
    }

    fn drop_streams<const FIXED: bool>(&self) {
        self.streams.hold(|| self.wake::<FIXED>());
    }

    fn turn(&self) {
        if self.is_queued.swap(0, AcqRel) == 1 {
            self.poll();
        }
        self.is_running.swap(0, AcqRel);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (is_running, is_queued) = (Atomic::new(1), Atomic::new(0));
    let task = Arc::new(Task::<R> { streams: Lock::new(), is_running, is_queued });
    let event_loop = Arc::clone(&task);
    two::<R>(move || event_loop.turn(), || task.drop_streams::<FIXED>());
}
