//! A cancel comes after a send has begun and before it awaits; nobody waits yet, so the cancel does nothing, and then the send
//! waits.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_before_it_awaited",
    reference: "apple/swift-async-algorithms#80",
    language: Language::Swift,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A cancel comes after a send has begun and before it awaits; nobody waits yet, so the cancel does \
                nothing, and then the send waits.",
    users: "A continuation was never resumed, and the test of cancellation hung now and then.",
    fix: "The cancel leaves a mark in its place, and whoever comes to wait finds it and goes on.",
    missed: "Yes, by repetition: running the project's test of cancellation again and again sometimes hung.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Idle,
    Awaiting,
    Canceled,
    Resumed,
}

struct Channel<R: Runtime>(R::Mutex<Side>);

impl<R: Runtime> Channel<R> {
    fn cancel<const FIXED: bool>(&self) {
        let mut side = self.0.lock();
        match *side {
            Side::Awaiting => *side = Side::Resumed,
            Side::Idle if FIXED => *side = Side::Canceled,
            _ => {}
        }
    }

    fn send(&self) {
        let mut side = self.0.lock();
        *side = if *side == Side::Canceled { Side::Resumed } else { Side::Awaiting };
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R>(Mutex::new(Side::Idle)));
    let canceler = Arc::clone(&channel);
    two::<R>(move || canceler.cancel::<FIXED>(), || channel.send());
    let is_resumed = *channel.0.lock() == Side::Resumed;
    Rule::Verdict.demand(is_resumed, "the send is canceled and awaits for ever");
}
