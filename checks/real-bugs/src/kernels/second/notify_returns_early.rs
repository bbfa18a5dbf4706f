//! A notification sees no listener yet and returns at once; the listener that has just come sees no reason yet and waits.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "notify_returns_early",
    reference: "smol-rs/event-listener#138",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "A notification sees no listener yet and returns at once; the listener that has just come sees no reason \
                yet and waits.",
    users: "Locks built on it deadlocked now and then; their tests were turned off under Miri.",
    fix: "The early return is gone: a notification always takes the list's lock.",
    missed: "It was found by loom, after weeks; real machines and their tests hide the old values that it takes.",
    rule: Rule::NotLost,
    needs: Needs::WeakMemory,
};

struct Event<R: Runtime> {
    reason: R::AtomicU32,
    has_listener: R::AtomicU32,
    list: Lock<R>,
    is_notified: R::AtomicU32,
}

impl<R: Runtime> Event<R> {
    fn notify<const FIXED: bool>(&self) {
        self.reason.store(1, Release);
        if FIXED {
            self.list.hold(|| self.notify_listener());
        } else {
            self.notify_listener();
        }
    }

    fn notify_listener(&self) {
        if self.has_listener.load(Acquire) == 1 {
            self.is_notified.store(1, Release);
        }
    }

    /// Returns whether the listener would wait.
    fn listen<const FIXED: bool>(&self) -> bool {
        if FIXED {
            self.list.hold(|| self.has_listener.store(1, Release));
        } else {
            self.has_listener.store(1, Release);
        }
        self.reason.load(Acquire) == 0
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let [reason, has_listener, is_notified] = [Atomic::new(0), Atomic::new(0), Atomic::new(0)];
    let event = Arc::new(Event::<R> { reason, has_listener, list: Lock::new(), is_notified });
    let notifier = Arc::clone(&event);
    let mut waits = false;
    two::<R>(move || notifier.notify::<FIXED>(), || waits = event.listen::<FIXED>());
    let is_notified = event.is_notified.load(Acquire) == 1;
    Rule::NotLost.demand(!waits || is_notified, "the listener waits and the notification is over");
}
