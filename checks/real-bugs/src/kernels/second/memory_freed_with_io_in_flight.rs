//! A process that shuts down frees its buffers while operations that were submitted to the ring are still in flight.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "memory_freed_with_io_in_flight",
    reference: "tigerbeetle/tigerbeetle#2430",
    language: Language::Zig,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A process that shuts down frees its buffers while operations that were submitted to the ring are still \
                in flight.",
    users: "Not told; by the change, memory could be written after it was freed.",
    fix: "Each operation in flight is canceled and its completion waited for before anything is freed.",
    missed: "Not told; the change says what might be written to after it was freed.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Ring<R: Runtime> {
    in_flight: Monitor<R, u32>,
    buffers: [Block<R>; 2],
}

impl<R: Runtime> Ring<R> {
    /// The kernel ends an operation, canceled or not.
    fn complete(&self, operation: usize) {
        self.buffers[operation].write();
        self.in_flight.update(|in_flight| *in_flight -= 1);
    }

    fn shut_down<const FIXED: bool>(&self) {
        if FIXED {
            self.in_flight.wait(|in_flight| *in_flight == 0, |_| ());
        }
        for buffer in &self.buffers {
            buffer.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let buffers = [Block::new("a buffer"), Block::new("a buffer")];
    let ring = Arc::new(Ring::<R> { in_flight: Monitor::new(2), buffers });
    let (first, second) = (Arc::clone(&ring), Arc::clone(&ring));
    three::<R>(move || first.complete(0), move || second.complete(1), || ring.shut_down::<FIXED>());
}
