//! A task is queued because a worker is seen searching, by a load that nothing orders with that worker.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "searching_worker_seen_too_late",
    reference: "tokio-rs/tokio#1788",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Whoever schedules a task looks whether a worker is searching and wakes none if so; that look was \
        a load, which may read an old value while the worker, having stopped to search, does not see the \
        task.",
    users: "A runtime stops with a task in its queue, now and then and on some machines.",
    fix: "The look is an addition of nothing, which the worker's own update then follows or precedes.",
    missed: "Not by its model checker as it was: it had to be mended before it could show this.",
    rule: Rule::NotLost,
    needs: Needs::WeakMemory,
};

struct Scheduler<R: Runtime> {
    searching: R::AtomicU8,
    queue: R::AtomicU8,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let scheduler = Arc::new(Scheduler::<R> { searching: Atomic::new(1), queue: Atomic::new(0) });
    let worker = Arc::clone(&scheduler);
    let stop_searching = move || {
        worker.searching.fetch_sub(1, SeqCst);
        // The last look before the worker sleeps.
        if worker.queue.load(Acquire) != 0 {
            worker.queue.swap(2, AcqRel);
        }
    };
    let mut is_woken = false;
    two::<R>(stop_searching, || {
        scheduler.queue.swap(1, Release);
        let searching =
            if FIXED { scheduler.searching.fetch_add(0, SeqCst) } else { scheduler.searching.load(SeqCst) };
        is_woken = searching == 0;
    });
    let is_taken = scheduler.queue.load(Acquire) == 2;
    Rule::NotLost.demand(is_taken || is_woken, "a task in the queue, with nobody awake");
}
