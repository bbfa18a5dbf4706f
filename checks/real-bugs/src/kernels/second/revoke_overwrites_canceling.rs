//! Revoking a canceler exchanges the mark of a cancel in progress for none, so its loop ends at the second turn, whatever goes
//! on.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "revoke_overwrites_canceling",
    reference: "microsoft/cppwinrt#1598",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Revoking a canceler exchanges the mark of a cancel in progress for none, so its loop ends at the second \
                turn, whatever goes on.",
    users: "A segmentation fault when a cancel ran for long: its context had ended.",
    fix: "The mark is read and waited for, and exchanged only when no cancel is in progress.",
    missed: "Only if a canceler runs for longer than a turn of the loop; the maintainers asked for a test that does so.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

const NONE: u32 = 0;
const CANCELING: u32 = 1;
const CANCELER: u32 = 2;

struct Promise<R: Runtime> {
    canceler: R::AtomicU32,
    context: Block<R>,
    has_canceled: Signal<R>,
}

impl<R: Runtime> Promise<R> {
    fn cancel(&self) {
        if self.canceler.swap(CANCELING, AcqRel) == CANCELER {
            self.context.touch();
        }
        self.canceler.swap(NONE, AcqRel);
        self.has_canceled.wake();
    }

    fn revoke<const FIXED: bool>(&self) {
        if FIXED {
            if self.canceler.compare_exchange(CANCELER, NONE, AcqRel, Acquire) == Err(CANCELING) {
                self.has_canceled.wait();
            }
        } else if self.canceler.swap(NONE, AcqRel) == CANCELING {
            // The second turn of the loop sees what the first one wrote.
            let _is_none = self.canceler.swap(NONE, AcqRel);
        }
        self.context.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let promise = Arc::new(Promise::<R> {
        canceler: Atomic::new(CANCELER),
        context: Block::new("the context of the canceler"),
        has_canceled: Signal::new(),
    });
    let canceler = Arc::clone(&promise);
    two::<R>(move || canceler.cancel(), || promise.revoke::<FIXED>());
}
