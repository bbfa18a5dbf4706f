//! A receiver that goes away overwrites the sender's claim, mistakes its own mark for the sender's, and frees.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_freed_while_taken",
    reference: "faern/oneshot#87",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A polled receiver that is dropped while the sender takes its waker swaps in the mark of a closed channel, \
                waits for a final state, reads the mark that it has just written, and frees the channel under the sender.",
    users: "Safe code that drops a pending receive while another thread sends reads freed memory and may crash.",
    fix: "The receiver waits for the end of the sender's claim before it writes its own mark.",
    missed: "Yes, by a model checker: the race lies in a window of a few instructions that tests on real threads seldom hit.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

const RECEIVING: u8 = 0;
const TAKING: u8 = 1;
const MESSAGE: u8 = 2;
const CLOSED: u8 = 3;

struct Channel<R: Runtime> {
    state: R::AtomicU8,
    memory: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        if self.state.swap(TAKING, AcqRel) == CLOSED {
            self.memory.free();
        } else {
            self.memory.touch();
            self.state.swap(MESSAGE, AcqRel);
        }
    }

    fn drop_receiver<const FIXED: bool>(&self) {
        let before = if FIXED { self.close_between_claims() } else { self.state.swap(CLOSED, AcqRel) };
        match before {
            RECEIVING => {}
            TAKING => {
                while self.state.load(Acquire) == TAKING {
                    R::yield_now();
                }
                self.memory.free();
            }
            _ => self.memory.free(),
        }
    }

    fn close_between_claims(&self) -> u8 {
        loop {
            match self.state.load(Acquire) {
                TAKING => R::yield_now(),
                seen if self.state.compare_exchange(seen, CLOSED, AcqRel, Acquire).is_ok() => return seen,
                _ => {}
            }
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { state: Atomic::new(RECEIVING), memory: Block::new("the channel") });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send(), || channel.drop_receiver::<FIXED>());
    channel.memory.demand_freed();
}
