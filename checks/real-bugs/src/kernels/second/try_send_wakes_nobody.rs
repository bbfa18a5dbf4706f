//! A send that does not wait puts its message into the buffer and forgets the receiver, which waits.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "try_send_wakes_nobody",
    reference: "rust-lang/rust#15764",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A send that does not wait puts its message into the buffer and forgets the receiver, which waits.",
    users: "A receiver of a bounded channel slept on with a message in its buffer.",
    fix: "Every path that leaves a message wakes the receiver.",
    missed: "By a receiver that waits before the first `try_send`; the change says that this branch just forgot it.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Channel<R: Runtime>(Monitor<R, u32>);

impl<R: Runtime> Channel<R> {
    fn try_send<const FIXED: bool>(&self) {
        if FIXED {
            self.0.update(|messages| *messages += 1);
        } else {
            self.0.with(|messages| *messages += 1);
        }
    }

    fn recv(&self) {
        self.0.wait(|messages| *messages > 0, |messages| *messages -= 1);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R>(Monitor::new(0)));
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.try_send::<FIXED>(), || channel.recv());
}
