//! A child that stops and a stop from outside both request the children to stop, whoever of them was first.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "stop_is_requested_twice",
    reference: "NVIDIA/stdexec#1718",
    language: Language::Cpp,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A child that stops and a stop from outside both request the children to stop, whoever of them was first.",
    users: "A use after free when a `when_all` was stopped by its environment.",
    fix: "Whoever changes the state to stopped requests, and nobody else.",
    missed: "By a stop from the environment while a child stops by itself.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

const STARTED: u32 = 0;
const STOPPED: u32 = 1;

struct Operation<R: Runtime> {
    state: R::AtomicU32,
    requested: Once<R>,
}

impl<R: Runtime> Operation<R> {
    fn child_stops(&self) {
        if self.state.compare_exchange(STARTED, STOPPED, AcqRel, Acquire).is_ok() {
            self.requested.happen();
        }
    }

    fn stop_from_outside<const FIXED: bool>(&self) {
        let is_first = self.state.swap(STOPPED, AcqRel) == STARTED;
        if is_first || !FIXED {
            self.requested.happen();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let requested = Once::new("the children were requested to stop");
    let operation = Arc::new(Operation::<R> { state: Atomic::new(STARTED), requested });
    let child = Arc::clone(&operation);
    two::<R>(move || child.child_stops(), || operation.stop_from_outside::<FIXED>());
    operation.requested.demand_happened();
}
