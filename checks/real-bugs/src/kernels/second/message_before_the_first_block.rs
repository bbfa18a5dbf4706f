//! A sender that begins a channel has set its tail and not its head; another one sends, and the receivers that go away follow
//! the head.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "message_before_the_first_block",
    reference: "crossbeam-rs/crossbeam#972",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A sender that begins a channel has set its tail and not its head; another one sends, and the receivers \
                that go away follow the head.",
    users: "Programs crashed on a null pointer when channels were dropped, and so did those of the standard library's \
            channel.",
    fix: "Whoever finds messages and no head waits until the head is there.",
    missed: "Only under load: the report is a crash of a large program after hundreds of thousands of turns.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    tail: R::AtomicU32,
    messages: R::AtomicU32,
    head: Monitor<R, bool>,
}

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        let is_first = self.tail.compare_exchange(0, 1, AcqRel, Acquire).is_ok();
        if is_first {
            self.head.update(|has_block| *has_block = true);
        }
        self.messages.fetch_add(1, AcqRel);
    }

    fn discard_all<const FIXED: bool>(&self) {
        let has_messages = self.messages.load(Acquire) > 0;
        if has_messages && FIXED {
            self.head.wait(|has_block| *has_block, |_| ());
        }
        let has_block = self.head.with(|has_block| *has_block);
        Rule::Lifetime.demand(has_block || !has_messages, "a block is followed that is not there yet");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (tail, messages) = (Atomic::new(0), Atomic::new(0));
    let channel = Arc::new(Channel::<R> { tail, messages, head: Monitor::new(false) });
    let first = Arc::clone(&channel);
    two::<R>(
        move || first.send(),
        || {
            channel.send();
            channel.discard_all::<FIXED>();
        },
    );
}
