//! What a task waits for, in words.

use core::cell::RefCell;
use core::panic::Location;

use crate::operation::{Action, Operation, TaskId};

thread_local! {
    /// The lines at which futures wait to be woken, as addresses.
    static WAKES: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

fn address(at: &'static Location<'static>) -> usize {
    core::ptr::from_ref(at).addr()
}

/// Whoever parks at this line, or waits there, waits for a waker.
pub(crate) fn waits_for_wake(at: &'static Location<'static>) {
    WAKES.with_borrow_mut(|wakes| {
        if !wakes.contains(&address(at)) {
            wakes.push(address(at));
        }
    });
}

/// That a task cannot go on.
pub(crate) fn waits(task: TaskId, operation: &Operation) -> String {
    let is_for_wake = matches!(operation.action, Action::Park | Action::WaitEnd)
        && WAKES.with_borrow(|wakes| wakes.contains(&address(operation.location)));
    let why = if is_for_wake { ", and no wake came" } else { "" };
    format!("{task} waits at {operation}{why}")
}
