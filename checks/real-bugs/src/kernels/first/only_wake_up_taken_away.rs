//! Two tasks poll one future, which remembers the last; that one goes away, and the other is never woken.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "only_wake_up_taken_away",
    reference: "rust-lang/futures-rs#339",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A shared future passes the waker of whoever polls to the inner future, which keeps one; a handle \
        that polls second and is dropped takes with it the only wake-up that there will be.",
    users: "A task that waits for a shared result hangs when another handle is cancelled.",
    fix: "The inner future is polled with a waker that wakes every handle that still waits.",
    missed: "Hardly: the test that came with a related mend passed before that mend too, as its review says.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const FIRST: u8 = 1;
const SECOND: u8 = 2;

#[derive(Default)]
struct Inner {
    is_done: bool,
    wakers: u8,
    woken: u8,
}

fn poll<const FIXED: bool>(inner: &mut Inner, task: u8) -> bool {
    if !inner.is_done {
        inner.wakers = if FIXED { inner.wakers | task } else { task };
    }
    inner.is_done
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let inner = Arc::new(R::Mutex::new(Inner::default()));
    let (second, producer) = (Arc::clone(&inner), Arc::clone(&inner));
    let poll_and_drop = move || {
        poll::<FIXED>(&mut second.lock(), SECOND);
    };
    let complete = move || {
        let mut inner = producer.lock();
        inner.is_done = true;
        inner.woken = inner.wakers;
    };
    let mut is_ready = false;
    three::<R>(poll_and_drop, complete, || is_ready = poll::<FIXED>(&mut inner.lock(), FIRST));
    let was_woken = inner.lock().woken & FIRST != 0;
    Rule::NotLost.demand(is_ready || was_woken, "the task that waits was not woken");
}
