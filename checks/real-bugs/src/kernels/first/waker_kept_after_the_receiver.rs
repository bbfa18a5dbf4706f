//! A receiver is gone, and its waker stays in a channel that a forgotten sender keeps alive.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_kept_after_the_receiver",
    reference: "tokio-rs/tokio#8095",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Dropping a receiver closes the channel and leaves the receiver's waker in it; as long as any \
        sender lives the waker keeps the memory of a task that ended long ago.",
    users: "A service's memory grows by a task for each channel whose sender is kept.",
    fix: "The receiver takes its waker out when it is dropped.",
    missed: "Yes, by looking at the references of a waker; a regression test came with the change.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    is_closed: R::AtomicU8,
    has_waker: R::AtomicU8,
    waker: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn take_waker(&self) {
        if self.has_waker.swap(0, AcqRel) == 1 {
            self.waker.free();
        }
    }

    fn send(&self) {
        if self.is_closed.load(Acquire) == 0 {
            self.take_waker();
        }
    }

    fn drop_receiver<const FIXED: bool>(&self) {
        self.is_closed.swap(1, AcqRel);
        if FIXED {
            self.take_waker();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> {
        is_closed: Atomic::new(0),
        has_waker: Atomic::new(1),
        waker: Block::new("the receiver's waker"),
    });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.drop_receiver::<FIXED>());
    // The sender is still alive here, and so is the channel.
    channel.waker.demand_freed();
}
