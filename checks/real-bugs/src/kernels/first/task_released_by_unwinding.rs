//! A future that panics when it is dropped gives up a reference that belongs to the queue.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "task_released_by_unwinding",
    reference: "rust-lang/futures-rs#2886",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A task that is released while it is queued leaves its reference to the queue by forgetting it, \
        but drops its future first; if that panics, unwinding gives the reference up as well.",
    users: "Memory is freed twice by a test whose future panics in its destructor; the heap breaks much \
        later.",
    fix: "Ownership is passed on before the future is dropped.",
    missed: "Yes, once a future panics when dropped: the reduced report is a dozen lines.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Task<R: Runtime> {
    is_queued: R::AtomicU8,
    references: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> Task<R> {
    fn give_up(&self) {
        self.memory.touch();
        if self.references.fetch_sub(1, AcqRel) == 1 {
            self.memory.free();
        }
    }

    fn release<const FIXED: bool>(&self) {
        let belongs_to_queue = self.is_queued.swap(1, AcqRel) == 1;
        // The future panics here, and what is not yet passed on is given up.
        if !belongs_to_queue || !FIXED {
            self.give_up();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let task = Arc::new(Task::<R> {
        is_queued: Atomic::new(0),
        references: Atomic::new(1),
        memory: Block::new("the task"),
    });
    let entries = Arc::new(Tally::new());
    let (woken, queue) = (Arc::clone(&task), Arc::clone(&entries));
    let wake = move || {
        if woken.is_queued.swap(1, AcqRel) == 0 {
            queue.count();
        }
    };
    two::<R>(wake, || task.release::<FIXED>());
    if entries.get() == 1 {
        task.give_up();
    }
    task.memory.demand_freed();
}
