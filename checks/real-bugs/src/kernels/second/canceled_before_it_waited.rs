//! A coroutine is canceled, the cancel finds nothing to call, and then the coroutine begins a wait as if nothing had been.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_before_it_waited",
    reference: "microsoft/cppwinrt#1613",
    language: Language::Cpp,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A coroutine is canceled, the cancel finds nothing to call, and then the coroutine begins a wait as if \
                nothing had been.",
    users: "Not told; the change mends the fourth of the cases that another one names.",
    fix: "A cancel leaves a mark for good, and a wait that begins under it calls its canceler at once.",
    missed: "By a wait that begins after the cancel; the change is open.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

const NONE: u32 = 0;
const CANCELER: u32 = 1;
const CANCELED: u32 = 2;

struct Promise<R: Runtime> {
    canceler: R::AtomicU32,
    calls: Tally,
}

impl<R: Runtime> Promise<R> {
    fn cancel<const FIXED: bool>(&self) {
        if self.canceler.swap(if FIXED { CANCELED } else { NONE }, AcqRel) == CANCELER {
            self.calls.count();
        }
    }

    fn begin_wait(&self) {
        if self.canceler.compare_exchange(NONE, CANCELER, AcqRel, Acquire).is_err() {
            self.calls.count();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let promise = Arc::new(Promise::<R> { canceler: Atomic::new(NONE), calls: Tally::new() });
    let canceler = Arc::clone(&promise);
    two::<R>(move || canceler.cancel::<FIXED>(), || promise.begin_wait());
    Rule::Verdict.demand(promise.calls.get() == 1, "the coroutine is canceled, and its wait goes on");
}
