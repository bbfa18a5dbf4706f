//! A word holds a count and a permit; counting loads and stores it, and the permit that comes in between is gone.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "permit_overwritten_by_a_count",
    reference: "tokio-rs/tokio#3660",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Read,
    mechanism: "Notifying all who wait reads the word that holds the count of such calls beside the permit, adds \
        one and writes it back; a permit that is stored in between without the lock is overwritten.",
    users: "A notification is lost when two kinds of notification come at once, and a task waits for good.",
    fix: "The count is raised by one atomic addition.",
    missed: "Yes: the model checker shows it, as the author found when asked to try.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const NOTIFIED: u32 = 1;
const ONE_CALL: u32 = 4;

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let word = Arc::new(R::AtomicU32::new(0));
    let notifier = Arc::clone(&word);
    let notify_one = move || {
        notifier.fetch_or(NOTIFIED, AcqRel);
    };
    two::<R>(notify_one, || {
        if FIXED {
            word.fetch_add(ONE_CALL, AcqRel);
        } else {
            let seen = word.load(Acquire);
            word.swap(seen + ONE_CALL, AcqRel);
        }
    });
    Rule::NotLost.demand(word.load(Acquire) & NOTIFIED != 0, "the permit that was stored");
}
