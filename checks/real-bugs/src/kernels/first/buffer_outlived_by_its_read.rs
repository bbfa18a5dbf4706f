//! A completion does not borrow the buffer that the kernel writes to.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "buffer_outlived_by_its_read",
    reference: "spacejam/rio#1",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A read returns a completion that does not keep the buffer; safe code lets the buffer go and \
        waits for the completion afterwards.",
    users: "The kernel writes into memory that is something else by then.",
    fix: "The completion keeps the buffer until it was waited for.",
    missed: "Yes: the report is a program of ten lines of safe code.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Read<R: Runtime> {
    completion: Signal<R>,
    buffer: Block<R>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let read = Arc::new(Read::<R> { completion: Signal::new(), buffer: Block::new("the buffer") });
    let kernel = Arc::clone(&read);
    let complete = move || {
        kernel.buffer.write();
        kernel.completion.wake();
    };
    two::<R>(complete, || {
        if !FIXED {
            read.buffer.free();
        }
        read.completion.wait();
        if FIXED {
            read.buffer.free();
        }
    });
}
