//! An operation on a thread puts in its result while a cancel puts in that it was canceled, and the operation completes twice.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "result_races_cancellation",
    reference: "Cloudef/zig-aio#57",
    language: Language::Zig,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "An operation on a thread puts in its result while a cancel puts in that it was canceled, and the \
                operation completes twice.",
    users: "Completions came twice, and the second one could belong to whoever had the operation's number next.",
    fix: "An operation has an atomic token, and a result that comes after the token was taken is thrown away.",
    missed: "Not by the tests: the issue calls the races very tight, and an earlier one of the kind had been mended a \
             week before.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

struct Operation<R: Runtime> {
    token: R::AtomicU32,
    completed: Once<R>,
}

impl<R: Runtime> Operation<R> {
    fn complete<const FIXED: bool>(&self) {
        let is_ours = if FIXED {
            self.token.swap(0, AcqRel) == 1
        } else {
            let is_pending = self.token.load(Acquire) == 1;
            self.token.store(0, Release);
            is_pending
        };
        if is_ours {
            self.completed.happen();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let completed = Once::new("the operation completed");
    let operation = Arc::new(Operation::<R> { token: Atomic::new(1), completed });
    let thread = Arc::clone(&operation);
    two::<R>(move || thread.complete::<FIXED>(), || operation.complete::<FIXED>());
    operation.completed.demand_happened();
}
