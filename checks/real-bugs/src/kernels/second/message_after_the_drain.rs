//! A sender sees an open channel, the receiver closes it, drains it and goes away, and then the sender pushes its message.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "message_after_the_drain",
    reference: "rust-lang/futures-rs#1241",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A sender sees an open channel, the receiver closes it, drains it and goes away, and then the sender \
                pushes its message.",
    users: "Messages that were sent while the receiver was dropped stayed for as long as any sender lived.",
    fix: "The receiver drains until as many messages have come out as senders have announced before it closed.",
    missed: "Only where a send and the drop meet; the change says that the next version of the library has the same \
             fault.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Queue {
    is_closed: bool,
    announced: u32,
    pushed: u32,
}

struct Channel<R: Runtime> {
    queue: Monitor<R, Queue>,
    message: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        let is_open = self.queue.with(|queue| {
            queue.announced += u32::from(!queue.is_closed);
            !queue.is_closed
        });
        if is_open {
            self.queue.update(|queue| queue.pushed += 1);
        } else {
            self.message.free();
        }
    }

    fn drop_receiver<const FIXED: bool>(&self) {
        self.queue.with(|queue| queue.is_closed = true);
        let drain = |queue: &mut Queue| std::mem::take(&mut queue.pushed);
        let drained = if FIXED {
            self.queue.wait(|queue| queue.pushed == queue.announced, drain)
        } else {
            self.queue.with(drain)
        };
        if drained > 0 {
            self.message.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let queue = Monitor::new(Queue::default());
    let channel = Arc::new(Channel::<R> { queue, message: Block::new("the message") });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.drop_receiver::<FIXED>());
    channel.message.demand_freed();
}
