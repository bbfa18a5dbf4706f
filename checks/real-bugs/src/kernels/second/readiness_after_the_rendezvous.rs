//! A send without a buffer ends when it was received and tells of readiness then; the receiver waits for readiness before it
//! receives.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "readiness_after_the_rendezvous",
    reference: "tokio-rs/mio#588",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A send without a buffer ends when it was received and tells of readiness then; the receiver waits for \
                readiness before it receives.",
    users: "Any use of a channel of size nought with an event loop deadlocked.",
    fix: "Readiness is told before the send waits to be received.",
    missed: "By the first test of a channel of size nought with an event loop; the channel was deprecated instead.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Rendezvous {
    is_ready: bool,
    is_received: bool,
}

struct Channel<R: Runtime>(Monitor<R, Rendezvous>);

impl<R: Runtime> Channel<R> {
    fn tell(&self) {
        self.0.update(|rendezvous| rendezvous.is_ready = true);
    }

    fn send<const FIXED: bool>(&self) {
        if FIXED {
            self.tell();
        }
        self.0.wait(|rendezvous| rendezvous.is_received, |_| ());
        if !FIXED {
            self.tell();
        }
    }

    fn receive(&self) {
        self.0.wait(|rendezvous| rendezvous.is_ready, |_| ());
        self.0.update(|rendezvous| rendezvous.is_received = true);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R>(Monitor::new(Rendezvous::default())));
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.send::<FIXED>(), || channel.receive());
}
