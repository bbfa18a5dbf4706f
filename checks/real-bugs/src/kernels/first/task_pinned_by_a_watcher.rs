//! A watcher is dropped, and its waker pins the memory of a task that has ended until the value changes, if it ever does.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "task_pinned_by_a_watcher",
    reference: "n0-computer/n0-watcher#62",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Wakers of watchers are taken out only when the value changes or goes; a watcher that is dropped \
        leaves its own, and each holds a reference on a task that may have ended.",
    users: "A program that watches a value that never changes keeps the memory of every task that ever \
        looked.",
    fix: "A watcher that is dropped takes its waker out.",
    missed: "Yes, by a count of references after the task was joined, as in the report; debug builds hide \
        most of the size.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Watchable<R: Runtime> {
    value: R::AtomicU32,
    has_waker: R::AtomicU8,
    references: R::AtomicU8,
    task: Block<R>,
}

impl<R: Runtime> Watchable<R> {
    fn release_task(&self) {
        if self.references.fetch_sub(1, AcqRel) == 1 {
            self.task.free();
        }
    }

    fn take_waker(&self) {
        if self.has_waker.swap(0, AcqRel) == 1 {
            self.release_task();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let watchable = Arc::new(Watchable::<R> {
        value: Atomic::new(0),
        has_waker: Atomic::new(0),
        references: Atomic::new(2),
        task: Block::new("the task"),
    });
    let setter = Arc::clone(&watchable);
    let set = move || {
        setter.value.fetch_add(1, AcqRel);
        setter.take_waker();
    };
    two::<R>(set, || {
        watchable.has_waker.swap(1, AcqRel);
        if FIXED {
            watchable.take_waker();
        }
        // The task ends.
        watchable.release_task();
    });
    watchable.task.demand_freed();
}
