//! A task looks whether it was cancelled and only then registers for the one notification there will be.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "wait_registered_after_the_look",
    reference: "talex-touch/tuff#840",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Waiting for cancellation reads the flag first and takes its place among those to be notified \
        afterwards; a cancel between the two notifies nobody, and there is no second one.",
    users: "A stream that is being torn down never ends.",
    fix: "The place is taken before the flag is read.",
    missed: "A test would have to cancel between two lines; it was found by an audit.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Token<R: Runtime> {
    reason: R::AtomicU8,
    notifications: R::AtomicU32,
}

impl<R: Runtime> Token<R> {
    fn cancel(&self) {
        self.reason.swap(1, AcqRel);
        self.notifications.fetch_add(1, AcqRel);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let token = Arc::new(Token::<R> { reason: Atomic::new(0), notifications: Atomic::new(0) });
    let canceler = Arc::clone(&token);
    let (mut is_cancelled, mut place) = (false, 0);
    two::<R>(move || canceler.cancel(), || {
        if FIXED {
            place = token.notifications.fetch_add(0, AcqRel);
            is_cancelled = token.reason.load(Acquire) != 0;
        } else {
            is_cancelled = token.reason.load(Acquire) != 0;
            place = token.notifications.fetch_add(0, AcqRel);
        }
    });
    // A wait ends when there was a notification since it took its place.
    let is_notified = token.notifications.load(Acquire) != place;
    Rule::NotLost.demand(is_cancelled || is_notified, "the cancel that came between the look and the wait");
}
