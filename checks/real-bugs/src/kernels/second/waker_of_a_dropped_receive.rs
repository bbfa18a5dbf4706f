//! A receive registers its waker and is dropped; the next receive finds a waker there and keeps the old one.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_of_a_dropped_receive",
    reference: "AmitPr/async-oneshot-channel#1",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A receive registers its waker and is dropped; the next receive finds a waker there and keeps the old \
                one.",
    users: "Whoever received again after a `select`, or from another task, was never woken.",
    fix: "Every poll registers the waker that it was called with.",
    missed: "By polling twice with two wakers; a reader of the code found it, and no test changed wakers.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Shared {
    has_value: bool,
    waker: Option<usize>,
    is_woken: [bool; 2],
}

struct Channel<R: Runtime>(Monitor<R, Shared>);

impl<R: Runtime> Channel<R> {
    fn send(&self) {
        self.0.update(|shared| {
            shared.has_value = true;
            if let Some(waker) = shared.waker.take() {
                shared.is_woken[waker] = true;
            }
        });
    }

    /// Returns whether the value is there.
    fn poll<const FIXED: bool>(&self, waker: usize) -> bool {
        self.0.with(|shared| {
            if FIXED || shared.waker.is_none() {
                shared.waker = Some(waker);
            }
            shared.has_value
        })
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R>(Monitor::new(Shared::default())));
    let sender = Arc::clone(&channel);
    two::<R>(
        move || sender.send(),
        || {
            if !channel.poll::<FIXED>(0) && !channel.poll::<FIXED>(1) {
                channel.0.wait(|shared| shared.is_woken[1], |_| ());
            }
        },
    );
}
