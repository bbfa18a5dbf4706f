//! A cancel makes the call beneath fail; its handler looks whether the continuation was canceled, and the cancel comes after
//! that look.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "failure_that_cancel_caused",
    reference: "Kotlin/kotlinx.coroutines#892",
    language: Language::Kotlin,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A cancel makes the call beneath fail; its handler looks whether the continuation was canceled, and the \
                cancel comes after that look.",
    users: "Requests that were canceled while they failed brought applications down through the handler of uncaught \
            exceptions.",
    fix: "An exception for a continuation that was canceled is ignored, wherever the cancel came.",
    missed: "A stress test of a timeout against a failure shows it, and came with the fix.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

const ACTIVE: u32 = 0;
const FAILED: u32 = 1;
const CANCELED: u32 = 2;

struct Call<R: Runtime> {
    continuation: R::AtomicU32,
    uncaught: Tally,
}

impl<R: Runtime> Call<R> {
    fn cancel(&self) {
        let _lost = self.continuation.compare_exchange(ACTIVE, CANCELED, AcqRel, Acquire);
    }

    fn fail<const FIXED: bool>(&self) {
        if self.continuation.load(Acquire) == CANCELED {
            return;
        }
        let end = self.continuation.compare_exchange(ACTIVE, FAILED, AcqRel, Acquire);
        if end.is_err() && !FIXED {
            self.uncaught.count();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let call = Arc::new(Call::<R> { continuation: Atomic::new(ACTIVE), uncaught: Tally::new() });
    let canceler = Arc::clone(&call);
    two::<R>(move || canceler.cancel(), || call.fail::<FIXED>());
    Rule::NotLate.demand(call.uncaught.get() == 0, "a failure after the cancel went to nobody's handler");
}
