//! A cancel's callback ends a task as canceled with a call that demands that nobody has ended it, while its result comes.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "ended_twice_from_callback",
    reference: "dotnet/runtime#49896",
    language: Language::CSharp,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A cancel's callback ends a task as canceled with a call that demands that nobody has ended it, while its \
                result comes.",
    users: "An unhandled exception from a timer's thread took the whole process down.",
    fix: "The callback tries to end the task, and does nothing where another end came first.",
    missed: "Only by a result and a timeout at the same moment; the report is a crash with a timer's stack.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

const PENDING: u32 = 0;
const DONE: u32 = 1;
const CANCELED: u32 = 2;

struct Task<R: Runtime> {
    end: R::AtomicU32,
    ends: Tally,
}

impl<R: Runtime> Task<R> {
    fn try_end(&self, end: u32) -> bool {
        let is_ours = self.end.compare_exchange(PENDING, end, AcqRel, Acquire).is_ok();
        if is_ours {
            self.ends.count();
        }
        is_ours
    }

    fn callback<const FIXED: bool>(&self) {
        let is_ended = self.try_end(CANCELED);
        if !FIXED {
            Rule::ExactlyOnce.demand(is_ended, "the callback has ended a task that had ended");
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let task = Arc::new(Task::<R> { end: Atomic::new(PENDING), ends: Tally::new() });
    let worker = Arc::clone(&task);
    two::<R>(
        move || {
            worker.try_end(DONE);
        },
        || task.callback::<FIXED>(),
    );
    Rule::ExactlyOnce.demand(task.ends.get() == 1, "the task has not ended once");
}
