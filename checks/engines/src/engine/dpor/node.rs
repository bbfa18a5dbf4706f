//! Nodes of the tree of executions, and what refers to them.

use serde::{Deserialize, Serialize};

use super::order::Race;
use crate::executor::TaskSet;
use crate::operation::TaskId;

/// One decision on the way to a subtree: the task chosen, and the tasks whose subtrees at the same node come
/// before (and so need not be explored again in this one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) task: TaskId,
    pub(super) done: TaskSet,
}

/// A node of the current path: the state before a decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The decision that is being explored.
    pub(super) task: TaskId,
    /// The tasks that may be chosen.
    pub(super) candidates: TaskSet,
    /// The tasks that must be explored here, as far as is known.
    pub(super) backtrack: TaskSet,
    /// Those that have been.
    pub(super) done: TaskSet,
    /// The tasks that need not be: whatever begins with them is explored elsewhere.
    pub(super) sleep: TaskSet,
    /// What the chosen task performed, to recognise a body that is not deterministic.
    pub(super) fingerprint: u32,
}

/// A race asks that one of `initials` be explored at a node above the subtree, unless one already is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// The node, by the number of decisions before it.
    pub(super) depth: usize,
    pub(super) initials: TaskSet,
    /// The one that comes closest to reversing the race.
    pub(super) preferred: TaskId,
}

impl Node {
    /// A node above the subtree: the rest is filled in when it is visited.
    pub(super) fn above(step: Step) -> Self {
        Node {
            task: step.task,
            candidates: TaskSet::EMPTY,
            backtrack: TaskSet::EMPTY,
            done: step.done,
            sleep: TaskSet::EMPTY,
            fingerprint: 0,
        }
    }

    /// What is still to be explored at this node, besides the current decision.
    pub(super) fn left(&self) -> TaskSet {
        let mut explored = self.done;
        explored.insert(self.task);
        self.backtrack.difference(explored).difference(self.sleep)
    }

    /// The current decision, as others refer to it.
    pub(super) fn step(&self) -> Step {
        Step { task: self.task, done: self.done }
    }
}

/// Makes sure that the other order of a race is explored.
pub(super) fn ask(path: &mut [Node], root: usize, requests: &mut Vec<Request>, race: &Race, task: TaskId) {
    let node = &mut path[race.earlier];
    let initials = race.initials.intersection(node.candidates);
    if !initials.intersection(node.backtrack.union(node.sleep)).is_empty() {
        return;
    }
    let Some(first) = initials.first() else { return };
    let preferred = if initials.contains(task) { task } else { first };
    node.backtrack.insert(preferred);
    if race.earlier < root {
        requests.push(Request { depth: race.earlier, initials, preferred });
    }
}
