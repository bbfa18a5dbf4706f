//! A lock is issued to a request whose token is canceled next; the request is told that it was canceled, and nobody gives the
//! lock back.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "issued_lock_told_as_canceled",
    reference: "microsoft/vs-threading#202",
    language: Language::CSharp,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A lock is issued to a request whose token is canceled next; the request is told that it was canceled, \
                and nobody gives the lock back.",
    users: "Many hangs of a development environment while it closed projects.",
    fix: "A token is looked at only as long as the lock was not issued.",
    missed: "A test on a thread where the lock does not count, with a cancel at the right moment, shows it, and came \
             with the fix.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Resource<R: Runtime> {
    token: R::AtomicU32,
    is_held: Monitor<R, bool>,
}

impl<R: Runtime> Resource<R> {
    fn acquire(&self) {
        self.is_held.wait(|is_held| !is_held, |is_held| *is_held = true);
    }

    fn release(&self) {
        self.is_held.update(|is_held| *is_held = false);
    }

    fn use_with_token<const FIXED: bool>(&self) {
        self.acquire();
        let is_told_canceled = !FIXED && self.token.load(Acquire) == 1;
        if !is_told_canceled {
            self.release();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let resource = Arc::new(Resource::<R> { token: Atomic::new(0), is_held: Monitor::new(false) });
    let requester = Arc::clone(&resource);
    two::<R>(
        move || requester.use_with_token::<FIXED>(),
        || {
            resource.token.store(1, Release);
            resource.acquire();
            resource.release();
        },
    );
}
