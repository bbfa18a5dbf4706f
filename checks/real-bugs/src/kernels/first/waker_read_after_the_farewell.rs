//! A receiver says that it is gone and drops its waker afterwards, in memory that the sender may have freed.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_read_after_the_farewell",
    reference: "faern/oneshot#73",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A receiver that goes away swaps in the mark of a closed channel and then drops the waker that \
        lies in the channel; the sender sees the mark and frees the channel.",
    users: "Use after free in every release but the first, reachable from safe code.",
    fix: "The receiver takes the waker out under a state of its own, and says afterwards that it is gone.",
    missed: "It was there in every release but the first; the author found it himself, and what was read does \
        not say how.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

const RECEIVING: u8 = 0;
const EMPTY: u8 = 1;
const MESSAGE: u8 = 2;
const CLOSED: u8 = 3;

struct Channel<R: Runtime> {
    state: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        if self.state.swap(MESSAGE, AcqRel) == CLOSED {
            self.memory.free();
        }
    }

    fn drop_receiver<const FIXED: bool>(&self) {
        if FIXED && self.state.compare_exchange(RECEIVING, EMPTY, AcqRel, Acquire).is_ok() {
            self.memory.touch();
        }
        match self.state.swap(CLOSED, AcqRel) {
            MESSAGE => self.memory.free(),
            RECEIVING => self.memory.touch(),
            _ => {}
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { state: Atomic::new(RECEIVING), memory: Block::new("the channel") });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.drop_receiver::<FIXED>());
    channel.memory.demand_freed();
}
