//! A message lies behind a slot that another sender has claimed and not filled yet, and the receiver calls the channel empty.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "empty_after_a_send",
    reference: "tokio-rs/tokio#3639",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A message lies behind a slot that another sender has claimed and not filled yet, and the receiver calls \
                the channel empty.",
    users: "`try_recv` said that there was nothing although a send had ended, and was removed for a while because of \
            that.",
    fix: "A slot that is claimed and not filled is told from an empty channel.",
    missed: "Not with one sender; users met it, and the function was taken out before this change.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, PartialEq)]
enum Received {
    Empty,
    NotYet,
    Message,
}

struct Channel<R: Runtime> {
    claimed: R::AtomicU32,
    is_filled: [R::AtomicU32; 2],
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        let slot = self.claimed.fetch_add(1, AcqRel);
        self.is_filled[slot as usize].swap(1, AcqRel);
    }

    fn try_recv<const FIXED: bool>(&self) -> Received {
        if self.is_filled[0].load(Acquire) == 1 {
            Received::Message
        } else if FIXED && self.claimed.load(Acquire) > 0 {
            Received::NotYet
        } else {
            Received::Empty
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let is_filled = [Atomic::new(0), Atomic::new(0)];
    let channel = Arc::new(Channel::<R> { claimed: Atomic::new(0), is_filled });
    let other = Arc::clone(&channel);
    two::<R>(
        move || other.send(),
        || {
            channel.send();
            let received = channel.try_recv::<FIXED>();
            Rule::Verdict.demand(received != Received::Empty, "a send has ended and the channel is called empty");
        },
    );
}
