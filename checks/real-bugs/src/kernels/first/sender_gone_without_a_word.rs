//! A sender that goes away closes the channel and wakes nobody.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "sender_gone_without_a_word",
    reference: "austinjones/postage-rs#44",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Dropping the sender of a oneshot channel marks the channel as closed but does not wake the \
        receiver that waits for it.",
    users: "A receive whose sender was dropped never ends.",
    fix: "The sender wakes the receiver after it has closed the channel.",
    missed: "Yes: drop the sender of a receive that waits is all it takes, and other channels of the crate \
        had it.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Channel {
    is_closed: bool,
    has_waker: bool,
    was_woken: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(R::Mutex::new(Channel::default()));
    let sender = Arc::clone(&channel);
    let drop_sender = move || {
        let mut channel = sender.lock();
        channel.is_closed = true;
        channel.was_woken = FIXED && channel.has_waker;
    };
    let mut is_pending = false;
    two::<R>(drop_sender, || {
        let mut channel = channel.lock();
        is_pending = !channel.is_closed;
        channel.has_waker = is_pending;
    });
    let was_woken = channel.lock().was_woken;
    Rule::NotLost.demand(!is_pending || was_woken, "the receiver was not told that the sender is gone");
}
