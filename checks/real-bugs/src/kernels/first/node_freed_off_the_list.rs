//! Waiters to be woken are moved to a list of their own; one of them is dropped meanwhile and finds itself on no list.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "node_freed_off_the_list",
    reference: "tokio-rs/tokio#2340",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Waiters to be notified are split off under the lock and woken after it; a future that is dropped \
        in between sees that it is not on the list that the lock guards, and frees its node under \
        whoever wakes it.",
    users: "Cancelling an acquire could make the semaphore follow a dangling pointer.",
    fix: "Nodes are notified while the lock is held.",
    missed: "Likely, by a model checker's test that drops a waiter which is being notified; the report names \
        none.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Semaphore<R: Runtime> {
    is_listed: R::Mutex<bool>,
    node: Block<R>,
}

impl<R: Runtime> Semaphore<R> {
    fn notify<const FIXED: bool>(&self) {
        let mut is_listed = self.is_listed.lock();
        let is_to_wake = std::mem::take(&mut *is_listed);
        if FIXED && is_to_wake {
            self.node.touch();
        }
        drop(is_listed);
        if !FIXED && is_to_wake {
            self.node.touch();
        }
    }

    fn drop_waiter(&self) {
        *self.is_listed.lock() = false;
        self.node.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let semaphore =
        Arc::new(Semaphore::<R> { is_listed: Mutex::new(true), node: Block::new("the waiter's node") });
    let notifier = Arc::clone(&semaphore);
    two::<R>(move || notifier.notify::<FIXED>(), || semaphore.drop_waiter());
    semaphore.node.demand_freed();
}
