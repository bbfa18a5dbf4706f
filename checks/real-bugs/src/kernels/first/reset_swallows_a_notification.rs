//! A waiter resets the baton that others post, and with it a post that it has not seen.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "reset_swallows_a_notification",
    reference: "tenzir/tenzir#6432",
    language: Language::Cpp,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "Notifications, cancels and waits share one baton; a waiter looks whether a notification is \
        stored and then resets the baton, and a notification in between is stored and never delivered.",
    users: "Waits never end, and cancelled waits leave a notification that was never sent.",
    fix: "Each wait has a baton of its own, and nothing is reset.",
    missed: "Likely, by stress; the description names no test that failed.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

struct Notify<R: Runtime> {
    is_stored: R::AtomicU8,
    baton: R::AtomicU8,
}

impl<R: Runtime> Notify<R> {
    fn notify_one(&self) {
        self.is_stored.swap(1, AcqRel);
        self.baton.swap(1, AcqRel);
    }

    /// Whether the wait ends at once.
    fn begin_wait<const FIXED: bool>(&self) -> bool {
        // Its own baton would be unposted before the look as well.
        if FIXED {
            self.baton.swap(0, AcqRel);
        }
        let is_taken = self.is_stored.swap(0, AcqRel) == 1;
        if !FIXED && !is_taken {
            self.baton.swap(0, AcqRel);
        }
        is_taken
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let notify = Arc::new(Notify::<R> { is_stored: Atomic::new(0), baton: Atomic::new(0) });
    let notifier = Arc::clone(&notify);
    let mut is_taken = false;
    two::<R>(move || notifier.notify_one(), || is_taken = notify.begin_wait::<FIXED>());
    let is_posted = notify.baton.load(Acquire) == 1;
    Rule::NotLost.demand(is_taken || is_posted, "a notification that came before the reset");
}
