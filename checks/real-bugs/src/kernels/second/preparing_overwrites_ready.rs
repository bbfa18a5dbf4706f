//! A task looks whether it was notified and says then that it prepares to wait; a signal in between finds it ready and does
//! nothing.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "preparing_overwrites_ready",
    reference: "lalinsky/zio#342",
    language: Language::Zig,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A task looks whether it was notified and says then that it prepares to wait; a signal in between finds \
                it ready and does nothing.",
    users: "A task that had been woken for another reason before parked for ever.",
    fix: "After it has said so, the task looks once more.",
    missed: "By a second wake-up within one wait; the way into the wait had the second look already, and the loop had \
             not.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

const READY: u32 = 0;
const PREPARING: u32 = 1;

struct Task<R: Runtime> {
    is_notified: R::AtomicU32,
    state: R::AtomicU32,
    wake_up: Signal<R>,
}

impl<R: Runtime> Task<R> {
    fn signal(&self) {
        self.is_notified.swap(1, SeqCst);
        if self.state.swap(READY, SeqCst) == PREPARING {
            self.wake_up.wake();
        }
    }

    fn wait_again<const FIXED: bool>(&self) {
        if self.is_notified.load(SeqCst) == 1 {
            return;
        }
        self.state.swap(PREPARING, SeqCst);
        if FIXED && self.is_notified.load(SeqCst) == 1 {
            return;
        }
        self.wake_up.wait();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (is_notified, state) = (Atomic::new(0), Atomic::new(READY));
    let task = Arc::new(Task::<R> { is_notified, state, wake_up: Signal::new() });
    let signaler = Arc::clone(&task);
    two::<R>(move || signaler.signal(), || task.wait_again::<FIXED>());
}
