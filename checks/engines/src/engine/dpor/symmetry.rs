//! Symmetry: tasks that the caller declares interchangeable, for as long as they have not begun to differ.
//!
//! Two interchangeable tasks are *equal* while they have performed the same operations and read from the same
//! writes. Swapping the names of two equal tasks in the rest of an execution gives another execution of the same
//! body, so it is enough to explore those in which, of equal tasks, the one with the lower number goes first. The
//! other one is held until then.
//!
//! That makes the step by which the lower one goes ahead a condition of the higher one's step; the two are
//! ordered like dependent events (see [`Symmetry::released_by`]), so that the reduction never tries to reverse
//! them.

use crate::engine::shard::mix;
use crate::executor::{TASKS_MAX, TaskSet};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// Which tasks are held, in one execution.
#[derive(Debug)]
pub(super) struct Symmetry {
    groups: Vec<TaskSet>,
    /// What each task has done so far, read-from included.
    pasts: [u64; TASKS_MAX],
    /// For each task, the past it left with its latest event, and that event.
    steps: Vec<Step>,
    /// For each object the number of its last write.
    writes: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    task: TaskId,
    past: u64,
    event: usize,
}

impl Symmetry {
    pub(super) fn new(groups: Vec<TaskSet>) -> Self {
        Symmetry { groups, pasts: [0; TASKS_MAX], steps: Vec::new(), writes: Vec::new() }
    }

    pub(super) fn reset(&mut self) {
        self.pasts = [0; TASKS_MAX];
        self.steps.clear();
        self.writes.clear();
    }

    pub(super) fn created(&mut self, task: TaskId, object: ObjectId) {
        if !self.groups.is_empty() {
            self.writes.push(0);
            self.tell_apart(task, u64::from(object.0));
        }
    }

    pub(super) fn spawned(&mut self, parent: TaskId, child: TaskId) {
        self.tell_apart(parent, u64::from(child.0));
    }

    /// A task got hold of something that has a number: no other task's past is the same.
    fn tell_apart(&mut self, task: TaskId, number: u64) {
        let past = &mut self.pasts[usize::from(task.0)];
        *past = mix(mix(*past, u64::from(task.0) + 1), number) | 1;
    }

    /// The tasks of `unfinished` that must let an equal task go first.
    pub(super) fn held(&self, unfinished: TaskSet) -> TaskSet {
        let mut held = TaskSet::EMPTY;
        for group in &self.groups {
            let members = group.intersection(unfinished);
            for task in members.iter() {
                let past = self.pasts[usize::from(task.0)];
                if members.iter().any(|other| other < task && self.pasts[usize::from(other.0)] == past) {
                    held.insert(task);
                }
            }
        }
        held
    }

    /// The event by which an equal task went ahead of `task` and so let it go: its next event is ordered after.
    pub(super) fn released_by(&self, task: TaskId) -> Option<usize> {
        let group = self.groups.iter().find(|group| group.contains(task))?;
        let past = self.pasts[usize::from(task.0)];
        let equal = |step: &&Step| step.past == past && step.task < task && group.contains(step.task);
        self.steps.iter().rev().find(equal).map(|step| step.event)
    }

    /// An operation was performed as decided, as this event; `write` if that wrote to its object.
    pub(super) fn performed(&mut self, decision: TaskId, operation: &Operation, write: bool, event: usize) {
        if self.groups.is_empty() {
            return;
        }
        let task = decision.plain();
        let place = usize::from(task.0);
        if self.groups.iter().any(|group| group.contains(task)) {
            self.steps.push(Step { task, past: self.pasts[place], event });
        }
        let read_from = operation.object.map_or(0, |object| self.write_number(object));
        let name = core::ptr::from_ref(operation.location).addr() as u64;
        let object = operation.object.map_or(0, |object| u64::from(object.0) + 1);
        if let Action::Unpark { target } = operation.action {
            // What is done to a task by its number tells it apart.
            self.tell_apart(target, event as u64);
        }
        let unique = if write { event as u64 + 1 } else { 0 };
        let how = u64::from(read_from) | u64::from(decision.is_spurious()) << 32;
        let past = mix(mix(self.pasts[place], name ^ object << 48), how);
        self.pasts[place] = mix(past, unique) | 1;
        if write && let Some(object) = operation.object {
            self.writes[usize::from(object.0)] = event as u32 + 1;
        }
    }

    fn write_number(&self, object: ObjectId) -> u32 {
        self.writes[usize::from(object.0)]
    }
}
