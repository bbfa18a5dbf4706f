//! A driver that ends takes an operation with several completions for one that is done.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "driver_ends_before_its_stream",
    reference: "tokio-rs/tokio-uring#164",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A driver that is dropped cancels and awaits what is in flight; an operation that has had one of \
        several completions is in a state that this loop does not handle, and counts as done.",
    users: "The ring goes while the kernel still has an operation of it.",
    fix: "An operation whose list of completions is not finished is cancelled and awaited as well.",
    missed: "Likely, by dropping a driver in the middle of a stream of completions; the discussion names no \
        test.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const SUBMITTED: u8 = 0;
const STREAMS: u8 = 1;
const DONE: u8 = 2;

struct Driver<R: Runtime> {
    lifecycle: R::AtomicU8,
    is_last: Signal<R>,
    is_ended: R::AtomicU8,
}

impl<R: Runtime> Driver<R> {
    fn end<const FIXED: bool>(&self) {
        let seen = self.lifecycle.load(Acquire);
        if seen == SUBMITTED || (FIXED && seen == STREAMS) {
            self.is_last.wait();
        }
        self.is_ended.swap(1, AcqRel);
    }

    fn post_completions(&self) {
        self.lifecycle.swap(STREAMS, AcqRel);
        let is_ended = self.is_ended.load(Acquire) == 1;
        Rule::Verdict.demand(!is_ended, "the driver said that all was done, with an operation in flight");
        self.lifecycle.swap(DONE, AcqRel);
        self.is_last.wake();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let driver = Arc::new(Driver::<R> {
        lifecycle: Atomic::new(SUBMITTED),
        is_last: Signal::new(),
        is_ended: Atomic::new(0),
    });
    let kernel = Arc::clone(&driver);
    two::<R>(move || kernel.post_completions(), || driver.end::<FIXED>());
}
