//! A callback resumes a continuation that was canceled a moment ago, and resuming one that has ended is an error.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "resumed_after_cancel",
    reference: "Kotlin/kotlinx.coroutines#450",
    language: Language::Kotlin,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A callback resumes a continuation that was canceled a moment ago, and resuming one that has ended is an \
                error.",
    users: "Code that wraps a callback could not avoid a crash: nothing it could look at told in time of the cancel.",
    fix: "Resuming a canceled continuation is ignored.",
    missed: "Only where a cancel and a callback meet; the issue says that no code around it can avoid the race.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

const ACTIVE: u32 = 0;
const RESUMED: u32 = 1;
const CANCELED: u32 = 2;

struct Continuation<R: Runtime>(R::AtomicU32);

impl<R: Runtime> Continuation<R> {
    fn cancel(&self) {
        let _lost = self.0.compare_exchange(ACTIVE, CANCELED, AcqRel, Acquire);
    }

    fn resume<const FIXED: bool>(&self) {
        if self.0.load(Acquire) == CANCELED {
            return;
        }
        let end = self.0.compare_exchange(ACTIVE, RESUMED, AcqRel, Acquire);
        let is_ignored = FIXED && end == Err(CANCELED);
        Rule::ExactlyOnce.demand(end.is_ok() || is_ignored, "a continuation was resumed that had ended");
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let continuation = Arc::new(Continuation::<R>(Atomic::new(ACTIVE)));
    let canceler = Arc::clone(&continuation);
    two::<R>(move || canceler.cancel(), || continuation.resume::<FIXED>());
}
