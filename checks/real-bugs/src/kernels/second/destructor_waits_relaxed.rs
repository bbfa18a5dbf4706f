//! The destructor of a stop callback waits for the running callback by relaxed loads, and the end of the callback is a relaxed
//! store.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "destructor_waits_relaxed",
    reference: "microsoft/STL#1196",
    language: Language::Cpp,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "The destructor of a stop callback waits for the running callback by relaxed loads, and the end of the \
                callback is a relaxed store.",
    users: "It was seen in review: what the callback had written would not have been ordered before the destruction of \
            what it wrote to.",
    fix: "The store that says that the callback has ended releases, and the load that sees it acquires.",
    missed: "Not on x86, where every store releases; the reviewer found it by reading.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

struct Callback<R: Runtime> {
    current: R::AtomicU32,
    captured: Plain<R, u32>,
}

impl<R: Runtime> Callback<R> {
    fn request_stop<const FIXED: bool>(&self) {
        self.captured.set(1);
        self.current.store(0, if FIXED { Release } else { Relaxed });
    }

    /// One turn of the wait: if the callback has ended, what it captured is destroyed.
    fn destroy<const FIXED: bool>(&self) {
        if self.current.load(if FIXED { Acquire } else { Relaxed }) == 0 {
            self.captured.set(2);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let callback = Arc::new(Callback::<R> { current: Atomic::new(1), captured: Plain::new(0) });
    let stopper = Arc::clone(&callback);
    two::<R>(move || stopper.request_stop::<FIXED>(), || callback.destroy::<FIXED>());
}
