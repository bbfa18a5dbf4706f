//! A second cancel finds the mark of one in progress, puts its own over it and takes it away, so the coroutine ends under the
//! first.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "second_cancel_resets_the_first",
    reference: "microsoft/cppwinrt#1609",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A second cancel finds the mark of one in progress, puts its own over it and takes it away, so the \
                coroutine ends under the first.",
    users: "Not told; it was found while a crash of the same code was mended.",
    fix: "A cancel that finds one in progress leaves the mark alone.",
    missed: "Only with two cancels at once and a canceler that runs for long; it came up in review of another change.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

const NONE: u32 = 0;
const CANCELING: u32 = 1;
const CANCELER: u32 = 2;

struct Promise<R: Runtime> {
    canceler: R::AtomicU32,
    context: Block<R>,
}

impl<R: Runtime> Promise<R> {
    fn cancel<const FIXED: bool>(&self) {
        let before = self.canceler.swap(CANCELING, AcqRel);
        if before == CANCELER {
            self.context.touch();
        }
        if !FIXED || before != CANCELING {
            self.canceler.swap(NONE, AcqRel);
        }
    }

    /// The coroutine ends its wait, unless a cancel is in progress, for which it waits in life.
    fn revoke(&self) {
        let is_canceling = self.canceler.compare_exchange(CANCELER, NONE, AcqRel, Acquire) == Err(CANCELING);
        if !is_canceling {
            self.context.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let context = Block::new("the context of the canceler");
    let promise = Arc::new(Promise::<R> { canceler: Atomic::new(CANCELER), context });
    let (first, second) = (Arc::clone(&promise), Arc::clone(&promise));
    three::<R>(move || first.cancel::<FIXED>(), move || second.cancel::<FIXED>(), || promise.revoke());
}
