//! The thread that begins to wait stores the handle to its parent, while a cancel on another thread stores that there is none.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "parent_handle_set_and_nulled",
    reference: "Kotlin/kotlinx.coroutines#3380",
    language: Language::Kotlin,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "The thread that begins to wait stores the handle to its parent, while a cancel on another thread stores \
                that there is none.",
    users: "A data race under a sanitizer; a child that was canceled could stay in its parent's memory.",
    fix: "The two meet at one atomic word, and whoever comes second detaches.",
    missed: "Yes, under a thread sanitizer, which is how it was found on two platforms.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

const NONE: u32 = 0;
const HANDLE: u32 = 1;
const DETACHED: u32 = 2;

struct Continuation<R: Runtime> {
    plain: Plain<R, u32>,
    word: R::AtomicU32,
    detached: Tally,
}

impl<R: Runtime> Continuation<R> {
    fn install<const FIXED: bool>(&self) {
        if !FIXED {
            self.plain.set(HANDLE);
        } else if self.word.compare_exchange(NONE, HANDLE, AcqRel, Acquire).is_err() {
            self.detached.count();
        }
    }

    fn detach<const FIXED: bool>(&self) {
        if !FIXED {
            if self.plain.replace(DETACHED) == HANDLE {
                self.detached.count();
            }
        } else if self.word.swap(DETACHED, AcqRel) == HANDLE {
            self.detached.count();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (plain, word) = (Plain::new(NONE), Atomic::new(NONE));
    let continuation = Arc::new(Continuation::<R> { plain, word, detached: Tally::new() });
    let canceler = Arc::clone(&continuation);
    two::<R>(move || canceler.detach::<FIXED>(), || continuation.install::<FIXED>());
    Rule::Ordered.demand(continuation.detached.get() == 1, "the handle stays with the parent");
}
