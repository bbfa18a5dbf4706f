//! Which write each read has seen, and which steps of other threads each step is ordered after.
//!
//! The rules are those of C++20, as the engines keep them: a store that releases begins a release sequence, any other
//! store ends it, a read-modify-write continues it; fences release and acquire for the relaxed accesses next to them.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use super::data::ReadFrom;
use crate::executor::ObjectKind;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// Follows an execution, step by step.
#[derive(Default)]
pub(super) struct Tracker {
    objects: HashMap<u16, Atomic>,
    tasks: HashMap<u8, Task>,
}

/// What is known of an object.
#[derive(Default)]
struct Atomic {
    value: u64,
    bits: u8,
    /// Every write with its step, the latest last.
    writes: Vec<(usize, u64)>,
    /// The steps whose releases a read of the current value acquires.
    released: Vec<usize>,
}

#[derive(Default)]
struct Task {
    /// What an acquire fence would acquire.
    read: Vec<usize>,
    /// The last release fence.
    fence: Option<usize>,
    /// The unparks that the next park takes.
    tokens: Vec<usize>,
    /// The spawn of the task; its end.
    spawned: Option<usize>,
    ended: Option<usize>,
}

/// What a step read, wrote and acquired.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) read: Option<u64>,
    pub(super) read_from: Option<ReadFrom>,
    pub(super) written: Option<u64>,
    pub(super) ordered_after: Vec<usize>,
}

impl Tracker {
    pub(super) fn created(&mut self, object: ObjectId, kind: ObjectKind) {
        let (initial, bits) = match kind {
            ObjectKind::Atomic { initial, bits } => (initial, bits),
            _ => (0, 64),
        };
        let atomic = Atomic { value: initial, bits, ..Atomic::default() };
        self.objects.insert(object.0, atomic);
    }

    /// The first step of a task is ordered after its spawn.
    pub(super) fn first_step(&mut self, task: TaskId) -> Option<usize> {
        self.task(task).spawned.take()
    }

    pub(super) fn ended(&mut self, task: TaskId, step: usize) {
        self.task(task).ended = Some(step);
    }

    fn task(&mut self, task: TaskId) -> &mut Task {
        self.tasks.entry(task.0).or_default()
    }

    fn object(&mut self, object: ObjectId) -> &mut Atomic {
        self.objects.entry(object.0).or_default()
    }

    /// Accounts for an operation with its result, as the step of this number.
    pub(super) fn perform(
        &mut self,
        step: usize,
        task: TaskId,
        operation: &Operation,
        result: Result<u64, u64>,
    ) -> Effect {
        if let (Err(_), Action::Park | Action::WaitEnd | Action::WaitEndTimed { .. }) =
            (result, operation.action)
        {
            // It ended without a cause, so nothing comes before it.
            return Effect::default();
        }
        let Some(object) = operation.object else { return self.without_object(step, task, operation.action) };
        let (Ok(value) | Err(value)) = result;
        let mut effect = Effect::default();
        match operation.action {
            Action::Load { ordering } => self.read(&mut effect, task, object, value, ordering),
            Action::Store { value, ordering } => {
                let released = self.release(step, task, ordering);
                self.object(object).released = released.into_iter().collect();
                self.write(&mut effect, step, object, value);
            }
            Action::Update { update, operand, ordering } => {
                self.read(&mut effect, task, object, value, ordering);
                self.continue_sequence(step, task, object, ordering);
                self.write(&mut effect, step, object, update.apply(value, operand));
            }
            Action::CompareExchange { new, success, failure, .. } => {
                let ordering = if result.is_ok() { success } else { failure };
                self.read(&mut effect, task, object, value, ordering);
                if result.is_ok() {
                    self.continue_sequence(step, task, object, success);
                    self.write(&mut effect, step, object, new);
                }
            }
            Action::TryLock | Action::TryLockShared if result.is_err() => {}
            Action::Lock | Action::LockShared | Action::TryLock | Action::TryLockShared => {
                effect.ordered_after = self.object(object).released.clone();
            }
            Action::Unlock => self.object(object).released = vec![step],
            Action::UnlockShared => self.object(object).released.push(step),
            Action::WaitBegin { lock } => self.object(lock).released = vec![step],
            Action::OnceBegin { .. } | Action::OnceLook | Action::GatePass => {
                effect.ordered_after = self.object(object).released.clone();
            }
            Action::OnceEnd { .. } | Action::GateOpen => self.object(object).released = vec![step],
            Action::ReferenceDrop | Action::Arrive { .. } => {
                effect.ordered_after = self.object(object).released.clone();
                self.object(object).released.push(step);
            }
            _ => {}
        }
        effect
    }

    fn without_object(&mut self, step: usize, task: TaskId, action: Action) -> Effect {
        let mut effect = Effect::default();
        match action {
            Action::Fence { ordering } => {
                if acquires(ordering) {
                    effect.ordered_after = std::mem::take(&mut self.task(task).read);
                }
                if releases(ordering) {
                    self.task(task).fence = Some(step);
                }
            }
            Action::Park | Action::ParkTimed => {
                effect.ordered_after = std::mem::take(&mut self.task(task).tokens);
            }
            Action::Unpark { target } => self.task(target).tokens.push(step),
            Action::Spawn { child } => self.task(child).spawned = Some(step),
            Action::Join { child } => effect.ordered_after.extend(self.task(child).ended),
            _ => {}
        }
        effect
    }

    fn read(&mut self, effect: &mut Effect, task: TaskId, object: ObjectId, value: u64, ordering: Ordering) {
        let atomic = self.object(object);
        effect.read = Some(value);
        let source = atomic.writes.iter().rev().find(|(_, written)| *written == value);
        effect.read_from = Some(source.map_or(ReadFrom::Initial, |(step, _)| ReadFrom::Step(*step)));
        if atomic.value != value {
            // An older value than the latest: only a weak memory shows it, and what it acquires is not known here.
            return;
        }
        let released = atomic.released.clone();
        if acquires(ordering) {
            effect.ordered_after = released;
        } else {
            self.task(task).read.extend(released);
        }
    }

    fn write(&mut self, effect: &mut Effect, step: usize, object: ObjectId, value: u64) {
        let atomic = self.object(object);
        let value = value & (u64::MAX >> (64 - u32::from(atomic.bits.clamp(1, 64))));
        atomic.value = value;
        atomic.writes.push((step, value));
        effect.written = Some(value);
    }

    fn continue_sequence(&mut self, step: usize, task: TaskId, object: ObjectId, ordering: Ordering) {
        let released = self.release(step, task, ordering);
        self.object(object).released.extend(released);
    }

    /// The step whose past a write of this task releases.
    fn release(&mut self, step: usize, task: TaskId, ordering: Ordering) -> Option<usize> {
        if releases(ordering) { Some(step) } else { self.task(task).fence }
    }
}

fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst)
}

fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst)
}
