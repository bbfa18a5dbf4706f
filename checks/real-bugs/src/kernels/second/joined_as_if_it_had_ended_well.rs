//! A child fails, cancels its parent and resumes the parent's join, which has not suspended yet and returns as from a child
//! that ended.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "joined_as_if_it_had_ended_well",
    reference: "Kotlin/kotlinx.coroutines#1127",
    language: Language::Kotlin,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A child fails, cancels its parent and resumes the parent's join, which has not suspended yet and returns \
                as from a child that ended.",
    users: "A `join` of a child that had crashed returned normally now and then, and its parent went on.",
    fix: "A join that is resumed before it has suspended looks whether its own job was canceled.",
    missed: "Sporadically, on the slow path of the join; the issue is of such a failure.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

struct Join<R: Runtime> {
    parent_is_canceled: R::AtomicU32,
    is_resumed: R::AtomicU32,
}

impl<R: Runtime> Join<R> {
    fn child_fails(&self) {
        self.parent_is_canceled.store(1, Release);
        self.is_resumed.store(1, Release);
    }

    /// Returns whether the join returned as if nothing had been; a join that suspends is told when it is dispatched.
    fn returns_normally<const FIXED: bool>(&self) -> bool {
        let is_resumed = self.is_resumed.load(Acquire) == 1;
        let is_told = FIXED && self.parent_is_canceled.load(Acquire) == 1;
        is_resumed && !is_told
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (parent_is_canceled, is_resumed) = (Atomic::new(0), Atomic::new(0));
    let join = Arc::new(Join::<R> { parent_is_canceled, is_resumed });
    let child = Arc::clone(&join);
    two::<R>(
        move || child.child_fails(),
        || {
            let is_normal = join.returns_normally::<FIXED>();
            Rule::Verdict.demand(!is_normal, "the child failed and its join says that it ended well");
        },
    );
}
