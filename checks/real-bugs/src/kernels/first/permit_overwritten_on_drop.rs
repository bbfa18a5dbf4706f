//! A waiter that is dropped leaves the state empty, although a permit was stored meanwhile.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "permit_overwritten_on_drop",
    reference: "tokio-rs/tokio#3652",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A waiter that finds nobody else on the list when it is dropped sets the state to empty, whatever \
        it was; a permit that was stored after everybody had been notified is gone.",
    users: "The next wait never ends although it was notified.",
    fix: "The state is set to empty only if it says that somebody waits.",
    missed: "Yes, by five calls in one thread; the author noticed it when reading.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const EMPTY: u8 = 0;
const WAITING: u8 = 1;
const NOTIFIED: u8 = 2;

struct Notify {
    state: u8,
    is_listed: bool,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let notify = Arc::new(R::Mutex::new(Notify { state: WAITING, is_listed: true }));
    let notifier = Arc::clone(&notify);
    let notify_all_then_one = move || {
        {
            let mut notify = notifier.lock();
            notify.is_listed = false;
            notify.state = EMPTY;
        }
        notifier.lock().state = NOTIFIED;
    };
    two::<R>(notify_all_then_one, || {
        let mut notify = notify.lock();
        notify.is_listed = false;
        if !FIXED || notify.state == WAITING {
            notify.state = EMPTY;
        }
    });
    Rule::NotLost.demand(notify.lock().state == NOTIFIED, "the permit that was stored");
}
