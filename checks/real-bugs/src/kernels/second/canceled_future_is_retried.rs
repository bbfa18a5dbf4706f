//! A future that has failed looks whether to stop, is told to stop, and is submitted once more, since it had looked before.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_future_is_retried",
    reference: "rohanpm/more-executors#151",
    language: Language::Python,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A future that has failed looks whether to stop, is told to stop, and is submitted once more, since it \
                had looked before.",
    users: "A future that was canceled was retried.",
    fix: "The thread that submits looks under the lock under which the cancel was noted.",
    missed: "Not by the tests; the author tells the window line by line.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

struct Job<R: Runtime> {
    is_to_stop: R::Mutex<bool>,
    retries_after_cancel: Tally,
}

impl<R: Runtime> Job<R> {
    fn cancel(&self) {
        *self.is_to_stop.lock() = true;
    }

    fn fail<const FIXED: bool>(&self) {
        let should_retry = !*self.is_to_stop.lock();
        if should_retry {
            self.submit::<FIXED>();
        }
    }

    /// In the thread that submits, some time later.
    fn submit<const FIXED: bool>(&self) {
        let is_to_stop = self.is_to_stop.lock();
        if FIXED && *is_to_stop {
            return;
        }
        if *is_to_stop {
            self.retries_after_cancel.count();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let job = Arc::new(Job::<R> { is_to_stop: Mutex::new(false), retries_after_cancel: Tally::new() });
    let canceler = Arc::clone(&job);
    two::<R>(move || canceler.cancel(), || job.fail::<FIXED>());
    Rule::NotLate.demand(job.retries_after_cancel.get() == 0, "a future was retried after its cancel");
}
