//! One of two ways to take the first block reads the pointer and leaves it, and the destructor frees it again.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "block_left_for_the_destructor",
    reference: "crossbeam-rs/crossbeam#1187",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "The receiver that throws away all messages takes the first block by a swap, or, if a sender is \
        just installing it, by waiting and reading; only the swap leaves nothing behind for the \
        channel's destructor.",
    users: "Memory is freed twice when a receiver is dropped while the first message is being sent.",
    fix: "The pointer is swapped out on both ways.",
    missed: "Hardly by chance: it is so hard to reproduce that the mend came without a test, as a user of it \
        notes.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    tail: R::AtomicU8,
    first_block: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        self.tail.fetch_add(1, AcqRel);
        self.first_block.swap(1, AcqRel);
    }

    fn discard_all<const FIXED: bool>(&self) {
        if self.tail.load(Acquire) == 0 {
            return;
        }
        if self.first_block.swap(0, AcqRel) == 0 {
            while self.first_block.load(Acquire) == 0 {
                R::yield_now();
            }
            if FIXED {
                self.first_block.swap(0, AcqRel);
            }
        }
        self.memory.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> {
        tail: Atomic::new(0),
        first_block: Atomic::new(0),
        memory: Block::new("the first block"),
    });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.discard_all::<FIXED>());
    if channel.first_block.load(Acquire) != 0 {
        channel.memory.free();
    }
}
