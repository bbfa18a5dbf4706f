//! Where an unmark or a completion waits until the callback has returned, under contracts that want it to.
//!
//! Shared by [`Word`](super::Word) and [`Exchange`](super::Exchange), whose state words say *whether* the callback
//! has returned; the turnstile only knows on which thread it runs, and puts threads to sleep. A thread that passes
//! has either read the state word with acquire, or taken the lock after the callback's thread let go of it, so
//! whatever the callback did comes before whatever the passing thread does.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::contract::Contract;
use crate::runtime::{Mutex, Runtime, Thread};

/// Puts unmarks to sleep while the callback runs.
pub struct Turnstile<R: Runtime>(R::Mutex<Known<R>>);

/// What the lock guards.
struct Known<R: Runtime> {
    /// The thread that the callback runs on, while it runs.
    runner: Option<R::Thread>,
    /// Who is to be woken.
    waiting: Vec<R::Thread>,
}

impl<R: Runtime> Turnstile<R> {
    /// A turnstile, if `contract` wants any call to wait.
    #[track_caller]
    pub(super) fn for_contract(contract: &Contract) -> Option<Self> {
        let known = || Known { runner: None, waiting: Vec::new() };
        contract.waits_for_callbacks().then(|| Turnstile(R::Mutex::new(known())))
    }

    /// The callback is about to run on the calling thread.
    pub(crate) fn enter(&self) {
        self.0.lock().runner = Some(R::current());
    }

    /// The callback has returned; `note` writes that into the state word, under the lock, so that no thread goes to
    /// sleep between looking and saying that it waits.
    pub(crate) fn leave(&self, note: impl FnOnce()) {
        self.wake_after(note);
    }

    /// Wakes everybody who has said that it waits.
    pub(crate) fn wake(&self) {
        self.wake_after(|| ());
    }

    fn wake_after(&self, note: impl FnOnce()) {
        let waiting = {
            let mut known = self.0.lock();
            note();
            known.runner = None;
            core::mem::take(&mut known.waiting)
        };
        waiting.iter().for_each(Thread::unpark);
    }

    /// Blocks until `has_returned`, unless the callback runs on the calling thread.
    pub(crate) fn pass(&self, has_returned: impl Fn() -> bool) {
        let is_here =
            |known: &Known<R>| known.runner.as_ref().is_some_and(|runner| runner.is_same(&R::current()));
        self.wait_unless(is_here, has_returned);
    }

    /// Blocks until `has_returned`, also if the callback runs on the calling thread.
    pub(crate) fn wait(&self, has_returned: impl Fn() -> bool) {
        self.wait_unless(|_| false, has_returned);
    }

    fn wait_unless(&self, is_needless: impl FnOnce(&Known<R>) -> bool, has_returned: impl Fn() -> bool) {
        {
            let mut known = self.0.lock();
            if has_returned() || is_needless(&known) {
                return;
            }
            known.waiting.push(R::current());
        }
        // A park may end by itself, and whoever wakes has noted the return before.
        loop {
            R::park();
            if has_returned() {
                return;
            }
        }
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
