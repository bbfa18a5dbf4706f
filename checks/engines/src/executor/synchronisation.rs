//! Which pending operations are enabled: lock holders, waiters and their signals, park tokens.

mod waiters;

use waiters::Waiters;

use super::controller::{ObjectKind, TASKS_MAX, TaskSet};
use crate::operation::{Action, ObjectId, Operation, TaskId, once};

/// The state of everything that can block a task. Vectors keep their capacity from execution to execution.
#[derive(Debug)]
pub(crate) struct Synchronisation {
    objects: Vec<Object>,
    condvars: Vec<Waiters>,
    condvars_used: usize,
    tokens: TaskSet,
}

#[derive(Clone, Copy, Debug)]
enum Object {
    /// Nothing ever blocks on it.
    Free,
    Lock {
        holder: Option<TaskId>,
        /// How many shares of it are out.
        shares: u16,
    },
    Condvar {
        index: usize,
    },
    /// What is done once holds this.
    Once(u64),
    Gate {
        is_open: bool,
    },
}

impl Synchronisation {
    pub(crate) const fn new() -> Self {
        Synchronisation {
            objects: Vec::new(),
            condvars: Vec::new(),
            condvars_used: 0,
            tokens: TaskSet::EMPTY,
        }
    }

    pub(crate) fn reset(&mut self) {
        self.objects.clear();
        self.condvars_used = 0;
        self.tokens = TaskSet::EMPTY;
    }

    pub(crate) fn created(&mut self, kind: ObjectKind) {
        let object = match kind {
            ObjectKind::Mutex | ObjectKind::RwLock => Object::Lock { holder: None, shares: 0 },
            ObjectKind::Condvar => {
                let index = self.condvars_used;
                self.condvars_used += 1;
                match self.condvars.get_mut(index) {
                    Some(reused) => reused.reset(),
                    None => self.condvars.push(Waiters::default()),
                }
                Object::Condvar { index }
            }
            ObjectKind::Once => Object::Once(once::FRESH),
            ObjectKind::Gate => Object::Gate { is_open: false },
            ObjectKind::Atomic { .. } | ObjectKind::Cell | ObjectKind::Arc | ObjectKind::Meeting => {
                Object::Free
            }
        };
        self.objects.push(object);
    }

    /// Whether `task` could perform `operation` now. A join is never enabled: it goes on by itself.
    pub(crate) fn enables(&self, task: TaskId, operation: &Operation) -> bool {
        match operation.action {
            Action::Lock => self.is_free(operation.object, false),
            Action::LockShared => self.is_free(operation.object, true),
            Action::WaitEnd => self.waiters(operation.object).is_some_and(|waiters| waiters.may_end(task)),
            Action::Park => self.tokens.contains(task),
            Action::OnceBegin { .. } => {
                !matches!(self.object(operation.object), Some(Object::Once(once::RUNNING)))
            }
            Action::GatePass => {
                !matches!(self.object(operation.object), Some(Object::Gate { is_open: false }))
            }
            Action::Join { .. } => false,
            _ => true,
        }
    }

    /// The operation as it comes out if `task` performs it now.
    pub(crate) fn settled(&self, task: TaskId, operation: &Operation) -> Operation {
        let Action::WaitEndTimed { .. } = operation.action else { return *operation };
        let notified = self.waiters(operation.object).is_some_and(|waiters| waiters.may_end(task));
        Operation { action: Action::WaitEndTimed { notified }, ..*operation }
    }

    /// Whether the time of a park is over: no token has come.
    pub(crate) fn is_over(&self, task: TaskId, operation: &Operation) -> bool {
        operation.action == Action::ParkTimed && !self.tokens.contains(task)
    }

    /// Lets `task` perform `operation`, which must be enabled.
    pub(crate) fn apply(&mut self, task: TaskId, operation: &Operation) {
        match operation.action {
            Action::Lock => self.set_holder(operation.object, Some(task)),
            Action::TryLock if self.is_free(operation.object, false) => {
                self.set_holder(operation.object, Some(task));
            }
            Action::Unlock => self.set_holder(operation.object, None),
            Action::LockShared => self.add_shares(operation.object, 1),
            Action::TryLockShared if self.is_free(operation.object, true) => {
                self.add_shares(operation.object, 1);
            }
            Action::UnlockShared => self.add_shares(operation.object, -1),
            Action::WaitBegin { lock } => {
                self.set_holder(Some(lock), None);
                if let Some(waiters) = self.waiters_mut(operation.object) {
                    waiters.begin(task);
                }
            }
            Action::WaitEnd => {
                if let Some(waiters) = self.waiters_mut(operation.object) {
                    waiters.end(task);
                }
            }
            Action::WaitEndTimed { .. } => {
                if let Some(waiters) = self.waiters_mut(operation.object) {
                    waiters.end_timed(task);
                }
            }
            Action::NotifyOne => {
                if let Some(waiters) = self.waiters_mut(operation.object) {
                    waiters.notify(1);
                }
            }
            Action::NotifyAll => {
                if let Some(waiters) = self.waiters_mut(operation.object) {
                    waiters.notify(TASKS_MAX);
                }
            }
            Action::Park | Action::ParkTimed => self.tokens.remove(task),
            Action::Unpark { target } => self.tokens.insert(target),
            Action::OnceBegin { forced } => {
                if let Some(Object::Once(value)) = self.object_mut(operation.object)
                    && once::begins(*value, forced)
                {
                    *value = once::RUNNING;
                }
            }
            Action::OnceEnd { poisons } => self.set_once(operation.object, once::ended(poisons)),
            Action::GateOpen => self.set_open(operation.object, true),
            _ => {}
        }
    }

    /// What something that is done once holds: for an account that somebody else has kept, too.
    pub(super) fn set_once(&mut self, object: Option<ObjectId>, new: u64) {
        if let Some(Object::Once(value)) = self.object_mut(object) {
            *value = new;
        }
    }

    /// Whether a gate is open: for an account that somebody else has kept, too.
    pub(super) fn set_open(&mut self, gate: Option<ObjectId>, open: bool) {
        if let Some(Object::Gate { is_open }) = self.object_mut(gate) {
            *is_open = open;
        }
    }

    /// Whether a lock is held, by whomever: for an account that somebody else has kept.
    pub(super) fn set_held(&mut self, lock: ObjectId, is_held: bool) {
        self.set_holder(Some(lock), is_held.then_some(TaskId(0)));
    }

    /// How many shares of a lock are out: for an account that somebody else has kept.
    pub(super) fn set_shares(&mut self, lock: ObjectId, out: u16) {
        if let Some(Object::Lock { shares, .. }) = self.objects.get_mut(usize::from(lock.0)) {
            *shares = out;
        }
    }

    /// Who waits at a condition variable, and who was notified: for an account that somebody else has kept.
    pub(super) fn set_waiters(&mut self, condvar: ObjectId, waiting: TaskSet, notified: TaskSet) {
        let Some(waiters) = self.waiters_mut(Some(condvar)) else { return };
        waiters.reset();
        for task in notified.iter() {
            waiters.begin(task);
        }
        waiters.notify(TASKS_MAX);
        for task in waiting.iter() {
            waiters.begin(task);
        }
    }

    /// Whose park token is available: for an account that somebody else has kept.
    pub(super) fn set_tokens(&mut self, tokens: TaskSet) {
        self.tokens = tokens;
    }

    /// Whether the wait or the park of `task` could end now without a cause. A park whose token is there has one; so
    /// has a wait if some signal can be taken by nobody else.
    pub(crate) fn may_end_spuriously(&self, task: TaskId, operation: &Operation) -> bool {
        match operation.action {
            Action::Park => !self.tokens.contains(task),
            Action::WaitEnd => self.waiters(operation.object).is_some_and(|waiters| waiters.may_leave(task)),
            _ => false,
        }
    }

    /// Lets `task` perform `operation` spuriously, which must be possible.
    pub(crate) fn apply_spuriously(&mut self, task: TaskId, operation: &Operation) {
        if let Action::WaitEnd = operation.action
            && let Some(waiters) = self.waiters_mut(operation.object)
        {
            waiters.leave(task);
        }
    }

    fn object(&self, object: Option<ObjectId>) -> Option<&Object> {
        self.objects.get(usize::from(object?.0))
    }

    fn object_mut(&mut self, object: Option<ObjectId>) -> Option<&mut Object> {
        self.objects.get_mut(usize::from(object?.0))
    }

    fn set_holder(&mut self, lock: Option<ObjectId>, task: Option<TaskId>) {
        let object = lock.and_then(|lock| self.objects.get_mut(usize::from(lock.0)));
        if let Some(Object::Lock { holder, .. }) = object {
            *holder = task;
        }
    }

    /// Whether the lock can be taken now, or a share of it.
    fn is_free(&self, lock: Option<ObjectId>, shared: bool) -> bool {
        match lock.and_then(|lock| self.objects.get(usize::from(lock.0))) {
            Some(Object::Lock { holder, shares }) => holder.is_none() && (shared || *shares == 0),
            _ => true,
        }
    }

    fn add_shares(&mut self, lock: Option<ObjectId>, more: i16) {
        let object = lock.and_then(|lock| self.objects.get_mut(usize::from(lock.0)));
        if let Some(Object::Lock { shares, .. }) = object {
            *shares = shares.saturating_add_signed(more);
        }
    }

    fn waiters(&self, condvar: Option<ObjectId>) -> Option<&Waiters> {
        match self.objects.get(usize::from(condvar?.0))? {
            Object::Condvar { index } => self.condvars.get(*index),
            _ => None,
        }
    }

    fn waiters_mut(&mut self, condvar: Option<ObjectId>) -> Option<&mut Waiters> {
        match self.objects.get(usize::from(condvar?.0))? {
            Object::Condvar { index } => self.condvars.get_mut(*index),
            _ => None,
        }
    }
}
