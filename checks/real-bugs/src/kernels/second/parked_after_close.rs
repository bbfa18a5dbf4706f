//! A channel is closed and wakes whoever is parked, right before a sender parks that has found it full and open.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "parked_after_close",
    reference: "rust-lang/futures-rs#282",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A channel is closed and wakes whoever is parked, right before a sender parks that has found it full and \
                open.",
    users: "A sender waited for ever on a channel whose receiver was gone.",
    fix: "After it has parked the sender looks once more whether the channel is closed.",
    missed: "Hardly: the change tells of a window between two steps of a close, and of no test that hit it.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Channel<R: Runtime> {
    is_closed: R::AtomicU32,
    is_parked: R::AtomicU32,
    sender: Signal<R>,
}

impl<R: Runtime> Channel<R> {
    fn close(&self) {
        self.is_closed.swap(1, SeqCst);
        if self.is_parked.swap(0, SeqCst) == 1 {
            self.sender.wake();
        }
    }

    fn send_to_full<const FIXED: bool>(&self) {
        if self.is_closed.load(SeqCst) == 1 {
            return;
        }
        self.is_parked.swap(1, SeqCst);
        if FIXED && self.is_closed.load(SeqCst) == 1 {
            return;
        }
        self.sender.wait();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (is_closed, is_parked) = (Atomic::new(0), Atomic::new(0));
    let channel = Arc::new(Channel::<R> { is_closed, is_parked, sender: Signal::new() });
    let receiver = Arc::clone(&channel);
    two::<R>(move || receiver.close(), || channel.send_to_full::<FIXED>());
}
