//! A sender that has seen an open channel finds it closed while it sends, and drains it by a pointer to its own frame.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "own_frame_freed_as_a_buffer",
    reference: "rustsec/advisory-db#2884",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A sender looks whether the channel is open, the receiver closes it, and the sender's count tells it so; it then \
                takes its message back through a pointer to a field of its own for one to the buffer, and frees what was never \
                allocated.",
    users: "Reads outside of the sender and a free of an address that the allocator never gave, from safe code.",
    fix: "Proposed: the message is taken back through the buffer itself.",
    missed: "It was seen and taken for something else: a note in the project's tests names the assertion that fails.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

const CLOSED: u32 = 1 << 16;

struct Channel<R: Runtime> {
    is_connected: R::AtomicU8,
    count: R::AtomicU32,
    frame: Block<R>,
    buffer: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn send<const FIXED: bool>(&self) {
        if self.is_connected.load(SeqCst) == 0 {
            return;
        }
        self.buffer.touch();
        if self.count.fetch_add(1, SeqCst) == CLOSED {
            if FIXED {
                self.buffer.touch();
            } else {
                self.frame.free();
            }
        }
        // The sender goes on, and ends.
        self.frame.touch();
    }

    fn drop_receiver(&self) {
        self.is_connected.swap(0, SeqCst);
        let _was_open = self.count.compare_exchange(0, CLOSED, SeqCst, SeqCst).is_ok();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> {
        is_connected: Atomic::new(1),
        count: Atomic::new(0),
        frame: Block::new("the sender"),
        buffer: Block::new("the buffer"),
    });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send::<FIXED>(), || channel.drop_receiver());
}
