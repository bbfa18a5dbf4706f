//! The last stop callback lets the owner of the stop source go on and destroy it, and the request to stop then locks the source
//! again.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "source_dies_in_last_callback",
    reference: "NVIDIA/stdexec#1889",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "The last stop callback lets the owner of the stop source go on and destroy it, and the request to stop \
                then locks the source again.",
    users: "A use after free when the end of an operation was waited for by whoever owned the source of its stop token.",
    fix: "After the last callback the request touches nothing of the source.",
    missed: "With a callback that ends the source's lifetime, under a sanitizer; the issue is open.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Source<R: Runtime> {
    memory: Block<R>,
    operation_is_over: R::AtomicU32,
}

impl<R: Runtime> Source<R> {
    fn request_stop<const FIXED: bool>(&self) {
        self.memory.touch();
        // The last callback ends the operation that it belongs to.
        self.operation_is_over.store(1, Release);
        if !FIXED {
            self.memory.touch();
        }
    }

    fn own(&self) -> bool {
        let is_over = self.operation_is_over.load(Acquire) == 1;
        if is_over {
            self.memory.free();
        }
        is_over
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let source = Arc::new(Source::<R> { memory: Block::new("the stop source"), operation_is_over: Atomic::new(0) });
    let stopper = Arc::clone(&source);
    two::<R>(
        move || stopper.request_stop::<FIXED>(),
        || {
            source.own();
        },
    );
}
