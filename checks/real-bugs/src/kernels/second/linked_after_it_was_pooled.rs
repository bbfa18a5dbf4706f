//! A source that is linked to two tokens is canceled by the first and goes back to the pool before it has registered at the
//! second.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "linked_after_it_was_pooled",
    reference: "timcassell/ProtoPromise#234",
    language: Language::CSharp,
    class: Class::Lost,
    seen: Seen::ListOnly,
    mechanism: "A source that is linked to two tokens is canceled by the first and goes back to the pool before it has \
                registered at the second.",
    users: "Not told: the change has a title only, and is open.",
    fix: "After it has registered the source looks whether it is still in use, and takes the registration back if it is \
          not.",
    missed: "Not told; the kernel says no more than that linked tokens race.",
    rule: Rule::NotLate,
    needs: Needs::Orders,
};

const CANCELED: u32 = 1;

struct Linked<R: Runtime> {
    state: R::AtomicU32,
    registered: R::AtomicU32,
}

impl<R: Runtime> Linked<R> {
    /// The first token cancels the source and takes away its registrations; then the source is anybody's again.
    fn cancel_and_pool(&self) {
        self.state.fetch_or(CANCELED, AcqRel);
        self.registered.swap(0, AcqRel);
    }

    fn register_at_second<const FIXED: bool>(&self) {
        self.registered.fetch_or(1, AcqRel);
        if FIXED && self.state.load(Acquire) == CANCELED {
            self.registered.swap(0, AcqRel);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let linked = Arc::new(Linked::<R> { state: Atomic::new(0), registered: Atomic::new(0) });
    let first = Arc::clone(&linked);
    two::<R>(move || first.cancel_and_pool(), || linked.register_at_second::<FIXED>());
    let is_stale = linked.registered.load(Acquire) == 1;
    Rule::NotLate.demand(!is_stale, "the second token will cancel whoever has the source next");
}
