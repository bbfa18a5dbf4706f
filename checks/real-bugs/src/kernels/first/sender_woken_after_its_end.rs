//! A sender that waited for a cancel and is gone is woken by the receiver.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "sender_woken_after_its_end",
    reference: "rust-lang/futures-rs#1491",
    language: Language::Rust,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A sender leaves its waker in the channel when it asks whether the receiver is still there; it \
        does not take it out when it goes, so the receiver wakes it when it goes later.",
    users: "Tasks are polled for nothing, by a channel that they have done with.",
    fix: "The sender takes its waker out when it goes.",
    missed: "Likely, by a waker that counts; the change names no test.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

struct Channel {
    has_sender_waker: bool,
    is_sender_gone: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(R::Mutex::new(Channel { has_sender_waker: true, is_sender_gone: false }));
    let sender = Arc::clone(&channel);
    let drop_sender = move || {
        let mut channel = sender.lock();
        channel.is_sender_gone = true;
        if FIXED {
            channel.has_sender_waker = false;
        }
    };
    two::<R>(drop_sender, || {
        let mut channel = channel.lock();
        if std::mem::take(&mut channel.has_sender_waker) {
            Rule::NotLate.demand(!channel.is_sender_gone, "the sender is woken after its end");
        }
    });
}
