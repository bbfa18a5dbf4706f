//! Operations that come out worse than their object demands: a weak compare-exchange that fails although the value is
//! the expected one, a wait or a park that ends without a cause.
//!
//! Such an operation has two results, and both are explored: at a node, a *decision* names a task and says how its
//! operation comes out ([`TaskId::spuriously`]). Two decisions for one task exclude each other, so wherever one of
//! them is explored the other one is as well. A failure is a read. The end of a wait or a park writes to the condition
//! variable or the token, whatever its cause, so it depends on what notifies or unparks.
//!
//! A spurious result is never the last resort: an execution in which nothing else can go on is a deadlock. And it never
//! comes twice in a row in one task at one place of the code, or loops would not end. A turn of a loop that failed
//! spuriously and leaves the task as it was shows nothing that is not shown by the turn after it, so a second one in a
//! row adds nothing; a loop that counts its failures is not seen counting two in a row.

use core::panic::Location;

use super::memory::Memory;
use super::options::Options;
use crate::executor::{TASKS_MAX, TaskSet, View};
use crate::operation::{Action, Operation, TaskId};

/// Which operations may come out spuriously at all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowed {
    failures: bool,
    wakeups: bool,
}

impl Allowed {
    pub(super) fn by(options: &Options) -> Self {
        Allowed { failures: options.spurious_failures, wakeups: options.spurious_wakeups }
    }

    fn allows(self, operation: &Operation) -> bool {
        match operation.action {
            Action::CompareExchange { weak, .. } => weak && self.failures,
            Action::Park | Action::WaitEnd => self.wakeups,
            _ => false,
        }
    }
}

/// What came out spuriously, in one execution.
#[derive(Debug)]
pub(super) struct Spurious {
    allowed: Allowed,
    /// For each task, the places whose last operation came out spuriously.
    last: [Vec<&'static Location<'static>>; TASKS_MAX],
    /// Whether there is any.
    is_used: bool,
}

impl Spurious {
    pub(super) fn new(allowed: Allowed) -> Self {
        Spurious { allowed, last: Default::default(), is_used: false }
    }

    pub(super) fn reset(&mut self) {
        if core::mem::take(&mut self.is_used) {
            self.last.iter_mut().for_each(Vec::clear);
        }
    }

    /// Whether the task's next operation may come out spuriously, if what it finds lets it.
    pub(super) fn allows(&self, task: TaskId, operation: &Operation) -> bool {
        self.allowed.allows(operation) && !self.last[usize::from(task.0)].contains(&operation.location)
    }

    /// The tasks whose operation may come out spuriously here.
    pub(super) fn tasks(&self, view: &View<'_>, memory: &Memory) -> TaskSet {
        let allows = |task: &TaskId| self.allows(*task, &view.pending()[usize::from(task.0)]);
        possible(view, memory).iter().filter(allows).collect()
    }

    /// An operation was performed as decided.
    pub(super) fn performed(&mut self, decision: TaskId, operation: &Operation) {
        if !self.allowed.allows(operation) {
            return;
        }
        let last = &mut self.last[usize::from(decision.plain().0)];
        last.retain(|location| *location != operation.location);
        if decision.is_spurious() {
            last.push(operation.location);
            self.is_used = true;
        }
    }
}

/// The tasks whose operation can come out spuriously here, however often it has.
pub(super) fn possible(view: &View<'_>, memory: &Memory) -> TaskSet {
    let mut possible = view.spurious();
    for task in view.enabled().iter() {
        let operation = &view.pending()[usize::from(task.0)];
        if let (Action::CompareExchange { expected, weak: true, .. }, Some(object)) =
            (operation.action, operation.object)
            && memory.value(object) == expected
        {
            possible.insert(task);
        }
    }
    possible
}

/// Whether what a decision says can be done here.
pub(super) fn is_possible(decision: TaskId, view: &View<'_>, memory: &Memory) -> bool {
    if decision.is_spurious() {
        possible(view, memory).contains(decision.plain())
    } else {
        view.enabled().contains(decision)
    }
}
