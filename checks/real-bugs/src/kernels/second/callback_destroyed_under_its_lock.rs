//! A completion destroys its stop callback under a lock and waits for the running callback, which waits for that lock.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "callback_destroyed_under_its_lock",
    reference: "facebookexperimental/libunifex#670",
    language: Language::Cpp,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A completion destroys its stop callback under a lock and waits for the running callback, which waits for \
                that lock.",
    users: "Told by the change: a normal completion and a cancel that meet may wait for each other for ever.",
    fix: "The lock is given back before the callback is destroyed.",
    missed: "Hardly: both have to come within a few instructions, as a reviewer tells.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Pass<R: Runtime> {
    lock: Lock<R>,
    callback_runs: Monitor<R, bool>,
}

impl<R: Runtime> Pass<R> {
    fn request_stop(&self) {
        self.callback_runs.with(|runs| *runs = true);
        self.lock.hold(|| ());
        self.callback_runs.update(|runs| *runs = false);
    }

    fn complete<const FIXED: bool>(&self) {
        self.lock.acquire();
        if FIXED {
            self.lock.release();
        }
        self.callback_runs.wait(|runs| !runs, |_| ());
        if !FIXED {
            self.lock.release();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pass = Arc::new(Pass::<R> { lock: Lock::new(), callback_runs: Monitor::new(false) });
    let stopper = Arc::clone(&pass);
    two::<R>(move || stopper.request_stop(), || pass.complete::<FIXED>());
}
