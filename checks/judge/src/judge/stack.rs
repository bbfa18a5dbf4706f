//! Where executions are judged: engines run them on stacks of their own, which are small.

use std::cell::RefCell;

use corosensei::on_stack;
use corosensei::stack::DefaultStack;

/// Enough for every rule in an execution of usual length.
const BYTES: usize = 512 << 10;

/// Runs `work` on a stack that is large enough for it, whatever stack the caller has.
pub(crate) fn on_judging_stack<T>(work: impl FnOnce() -> T) -> T {
    thread_local! {
        static STACK: RefCell<Option<DefaultStack>> = const { RefCell::new(None) };
    }
    STACK.with_borrow_mut(|stack| {
        let stack = stack.get_or_insert_with(|| {
            DefaultStack::new(BYTES).expect("the system has memory for one more stack")
        });
        on_stack(stack, work)
    })
}
