//! A context's cancel looks without a lock whether it was canceled, and two cancels both see that it was not.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "context_canceled_twice",
    reference: "temporalio/sdk-go#721",
    language: Language::Go,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A context's cancel looks without a lock whether it was canceled, and two cancels both see that it was \
                not.",
    users: "The children of a workflow's context were canceled twice.",
    fix: "The look and the mark are made under a lock, so that one cancel goes on.",
    missed: "Yes, with the race detector and a cancel that comes while a coroutine ends; the tests with it came with the \
             fix.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct Context<R: Runtime> {
    lock: Lock<R>,
    is_canceled: R::AtomicU32,
    children: Once<R>,
}

impl<R: Runtime> Context<R> {
    fn look_and_mark(&self) -> bool {
        let is_first = self.is_canceled.load(Acquire) == 0;
        if is_first {
            self.is_canceled.store(1, Release);
        }
        is_first
    }

    fn cancel<const FIXED: bool>(&self) {
        let is_first = if FIXED { self.lock.hold(|| self.look_and_mark()) } else { self.look_and_mark() };
        if is_first {
            self.children.happen();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let children = Once::new("the children were canceled");
    let context = Arc::new(Context::<R> { lock: Lock::new(), is_canceled: Atomic::new(0), children });
    let other = Arc::clone(&context);
    two::<R>(move || other.cancel::<FIXED>(), || context.cancel::<FIXED>());
}
