//! Where an unmark or a completion waits until the callback has returned, under contracts that want it to.
//!
//! Shared by [`Word`](super::Word) and [`Exchange`](super::Exchange), whose state words say *whether* the callback
//! has returned; the turnstile only knows on which thread it runs, and puts threads to sleep. A thread that passes
//! has either read the state word with acquire, or taken the lock after the callback's thread let go of it, so
//! whatever the callback did comes before whatever the passing thread does.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::contract::Contract;
use crate::runtime::{Condvar, Mutex, MutexGuard, Runtime, Thread};

/// Puts unmarks to sleep while the callback runs.
pub struct Turnstile<R: Runtime> {
    /// The thread that the callback runs on, while it runs.
    runner: R::Mutex<Option<R::Thread>>,
    returned: R::Condvar,
}

impl<R: Runtime> Turnstile<R> {
    /// A turnstile, if `contract` wants any call to wait.
    #[track_caller]
    pub(super) fn for_contract(contract: &Contract) -> Option<Self> {
        contract
            .waits_for_callbacks()
            .then(|| Turnstile { runner: R::Mutex::new(None), returned: R::Condvar::new() })
    }

    /// The callback is about to run on the calling thread.
    pub(crate) fn enter(&self) {
        *self.runner.lock() = Some(R::current());
    }

    /// The callback has returned; `note` writes that into the state word, under the lock, so that no thread goes to
    /// sleep between looking and sleeping.
    pub(crate) fn leave(&self, note: impl FnOnce()) {
        let mut runner = self.runner.lock();
        *runner = None;
        note();
        drop(runner);
        self.returned.notify_all();
    }

    /// The lock, for protocols that wait in a way of their own.
    pub(crate) fn runner(&self) -> MutexGuard<'_, R, Option<R::Thread>> {
        self.runner.lock()
    }

    /// What to wait on, for protocols that wait in a way of their own.
    pub(crate) fn returned(&self) -> &R::Condvar {
        &self.returned
    }

    /// Blocks until `has_returned`, unless the callback runs on the calling thread.
    pub(crate) fn pass(&self, has_returned: impl Fn() -> bool) {
        let mut runner = self.runner.lock();
        while !has_returned() && !Self::is_current(runner.as_ref()) {
            runner = self.returned.wait(runner);
        }
    }

    pub(crate) fn is_current(runner: Option<&R::Thread>) -> bool {
        runner.is_some_and(|runner| runner.is_same(&R::current()))
    }
}

/// Runs a callback with `invoke` and then `finish`, also when the callback panics. The panic goes on afterwards: it
/// is the driver's, and the request must be as usable after it as after a callback that returned.
pub(crate) fn call_and_finish<R: Runtime>(invoke: impl FnOnce(), finish: impl FnOnce()) {
    match catch_unwind(AssertUnwindSafe(invoke)) {
        Ok(()) => finish(),
        Err(panic) if R::ends_execution(&*panic) => resume_unwind(panic),
        Err(panic) => {
            finish();
            resume_unwind(panic);
        }
    }
}
