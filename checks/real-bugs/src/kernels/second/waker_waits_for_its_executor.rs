//! A waker waits for room in the executor's queue while its caller holds a lock, and the executor waits for that lock in a
//! poll.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_waits_for_its_executor",
    reference: "compio-rs/compio#1045",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A waker waits for room in the executor's queue while its caller holds a lock, and the executor waits for \
                that lock in a poll.",
    users: "Subtle deadlocks of programs that wake from other threads under a lock.",
    fix: "The queue has no bound, so that waking never waits.",
    missed: "Only with a full queue and a lock around the waking; the change says that users assume that waking does not \
             block.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Executor<R: Runtime> {
    user_lock: Lock<R>,
    has_room: Monitor<R, bool>,
}

impl<R: Runtime> Executor<R> {
    fn wake_under_lock<const FIXED: bool>(&self) {
        self.user_lock.acquire();
        if !FIXED {
            self.has_room.wait(|has_room| *has_room, |has_room| *has_room = false);
        }
        self.user_lock.release();
    }

    /// A turn: polls the tasks, one of which takes the lock, and then drains the queue.
    fn turn(&self) {
        self.user_lock.hold(|| ());
        self.has_room.update(|has_room| *has_room = true);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let executor = Arc::new(Executor::<R> { user_lock: Lock::new(), has_room: Monitor::new(false) });
    let waker = Arc::clone(&executor);
    two::<R>(move || waker.wake_under_lock::<FIXED>(), || executor.turn());
}
