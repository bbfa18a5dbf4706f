//! Which task goes on: at a node that is new, and at one that is gone through again.

use super::super::dependency::Access;
use super::super::node::Node;
use super::{Phase, Search};
use crate::executor::{TaskSet, View};
use crate::exploration::FailureKind;
use crate::operation::TaskId;

/// Why no task is chosen at a node.
pub(super) enum Blocked {
    /// Whatever begins here is explored elsewhere.
    Asleep,
    /// Every task waits for another, and has for long.
    Livelock,
}

impl Search {
    /// The node for a state that no execution of this search has come to before.
    pub(super) fn open_node(&mut self, view: &View<'_>) -> Result<Node, Blocked> {
        let (mut candidates, idle) = self.candidates(view);
        let mut free = candidates.difference(self.sleep);
        if free.is_empty() {
            return Err(Blocked::Asleep);
        }
        let is_local = |decision: &TaskId| {
            let operation = &view.pending()[usize::from(decision.plain().0)];
            Access::of(*decision, operation, &self.memory).is_local()
        };
        let (task, mut backtrack) = if idle {
            // Where a task sleeps, the executions in which it goes on next are explored elsewhere, and the others only wait
            // for it: one that has left its loop with a lock in its hands may be among those that sleep.
            let blocked = || if free == candidates { Blocked::Livelock } else { Blocked::Asleep };
            (self.waiting.next_idle(free).ok_or_else(blocked)?, TaskSet::EMPTY)
        } else if let Some(local) = free.iter().find(is_local) {
            (local, TaskSet::EMPTY)
        } else {
            let dear = free.difference(self.affordable(view, free));
            self.leave_out(view, dear);
            (candidates, free) = (candidates.difference(dear), free.difference(dear));
            if free.is_empty() {
                return Err(Blocked::Asleep);
            }
            let (default, affordable) = self.preferences(free);
            let all = self.rules.preemptions.is_some() || self.depth < self.limits.expand_to;
            (default, if all { affordable } else { TaskSet::EMPTY })
        };
        // Of a task that is explored here, every way in which its operation can come out is.
        backtrack.insert(task);
        backtrack = backtrack.union(candidates.ways_of(task));
        Ok(Node { task, candidates, backtrack, done: TaskSet::EMPTY, sleep: self.sleep, fingerprint: 0 })
    }

    /// The decisions that may be taken, and whether all tasks wait for each other.
    fn candidates(&self, view: &View<'_>) -> (TaskSet, bool) {
        let held = self.symmetry.held(view.unfinished());
        let enabled = view.enabled().difference(held);
        let busy = enabled.difference(self.waiting.tasks());
        if busy.is_empty() {
            return (enabled, true);
        }
        let spurious = self.spurious.tasks(view, &self.memory).difference(held.union(self.waiting.tasks()));
        (busy.union(spurious.spuriously()), false)
    }

    /// The task to choose first, and all that can be chosen within the bound on preemptions.
    fn preferences(&mut self, free: TaskSet) -> (TaskId, TaskSet) {
        let mut affordable = free;
        if let (Some(running), Some(limit)) = (self.running.preemptible(free), self.rules.preemptions)
            && self.running.preemptions() >= limit
        {
            affordable = free.ways_of(running);
            self.found.cut |= !free.is_within(affordable);
        }
        // What comes out as it should goes first.
        let plain = free.plain();
        let first = match self.rules.preemptions.or(self.rules.within) {
            None => self.running.next(plain),
            Some(_) => self.running.prefer(plain),
        };
        (first.or(free.first()).unwrap_or(TaskId(0)), affordable)
    }

    /// Goes through a node that an earlier execution, or an earlier search, has opened.
    pub(super) fn revisit(&mut self, view: &View<'_>) -> Result<TaskId, FailureKind> {
        let (mut candidates, _) = self.candidates(view);
        if self.phase == Phase::First && self.depth < self.root {
            let free = candidates.difference(self.sleep);
            candidates = candidates.difference(free.difference(self.affordable(view, free)));
        }
        let node = &mut self.path[self.depth];
        if !candidates.contains(node.task) {
            let message = format!("{} could be chosen before, and now cannot", node.task);
            return Err(FailureKind::Nondeterminism { message });
        }
        if self.phase == Phase::First && self.depth < self.root {
            node.candidates = candidates;
            node.sleep = self.sleep;
            node.backtrack = node.done;
            node.backtrack.insert(node.task);
        }
        Ok(node.task)
    }
}
