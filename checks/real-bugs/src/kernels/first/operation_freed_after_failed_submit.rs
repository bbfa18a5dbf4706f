//! An operation is in the ring, its submission fails, and its buffer is freed although the kernel has the entry.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "operation_freed_after_failed_submit",
    reference: "tokio-rs/tokio#8185",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "An entry is pushed onto the submission queue and then submitted; when submitting fails the \
        operation and its buffer are dropped, although the kernel may have taken the entry and still \
        writes.",
    users: "The kernel writes into freed memory, and its completion finds a slot that belongs to nobody or \
        to another.",
    fix: "An operation whose entry was pushed stays until its completion, whatever submitting says.",
    missed: "No: a failure after the push has to be forced, and no test did; a test that forces it came with \
        the change.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Ring<R: Runtime> {
    pushed: R::AtomicU8,
    is_done: Signal<R>,
    buffer: Block<R>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let ring = Arc::new(Ring::<R> {
        pushed: Atomic::new(0),
        is_done: Signal::new(),
        buffer: Block::new("the buffer"),
    });
    let kernel = Arc::clone(&ring);
    let take_entry = move || {
        if kernel.pushed.load(Acquire) == 1 {
            kernel.buffer.write();
            kernel.is_done.wake();
        }
    };
    two::<R>(take_entry, || {
        ring.pushed.swap(1, AcqRel);
        // Submitting fails here. The kernel may have seen the entry.
        if !FIXED {
            ring.buffer.free();
        }
    });
    // The driver goes through its completions, and then goes itself.
    ring.is_done.take();
    if FIXED {
        ring.buffer.free();
    }
}
