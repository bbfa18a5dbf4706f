//! Nodes of the tree of executions, and what refers to them.

use serde::{Deserialize, Serialize};

use super::order::Race;
use crate::executor::TaskSet;
use crate::operation::TaskId;

/// One decision on the way to a subtree: the task chosen and how its operation comes out (see
/// [`TaskId::spuriously`]), and the decisions whose subtrees at the same node come before (and so need not be
/// explored again in this one).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) task: TaskId,
    pub(super) done: TaskSet,
}

/// A node of the current path: the state before a decision. Its sets are sets of decisions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The decision that is being explored.
    pub(super) task: TaskId,
    /// What may be chosen.
    pub(super) candidates: TaskSet,
    /// What must be explored here, as far as is known: with a task, every way in which its operation can come out.
    pub(super) backtrack: TaskSet,
    /// Those that have been.
    pub(super) done: TaskSet,
    /// What need not be: whatever begins with them is explored elsewhere.
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
    /// If all of these are explored, the race is served as well.
    pub(super) reversed: TaskSet,
    /// What is to be explored otherwise.
    pub(super) preferred: TaskSet,
}

impl Request {
    /// Whether it is served if these are explored, or need not be.
    pub(super) fn is_served_by(&self, known: TaskSet) -> bool {
        !self.initials.intersection(known).is_empty()
            || !self.reversed.is_empty() && self.reversed.is_within(known)
    }
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
pub(super) fn ask(path: &mut [Node], root: usize, requests: &mut Vec<Request>, race: &Race) {
    let node = &mut path[race.earlier];
    let initials = race.initials.intersection(node.candidates);
    let reversed = race.reversed.map_or(TaskSet::EMPTY, |task| node.candidates.ways_of(task));
    // The racing task itself comes closest to reversing the race.
    let preferred = match initials.first() {
        _ if !reversed.is_empty() => reversed,
        Some(first) => node.candidates.ways_of(first),
        None => return,
    };
    let request = Request { depth: race.earlier, initials, reversed, preferred };
    if request.is_served_by(node.backtrack.union(node.sleep)) {
        return;
    }
    node.backtrack = node.backtrack.union(preferred);
    if race.earlier < root {
        requests.push(request);
    }
}
