//! The dependency relation: which operations of two tasks may not be exchanged.
//!
//! Every scheduling point is one [`Access`] to one resource (a wait's begin, to two). Two accesses are dependent
//! if they are of one task, or as this table says; everything that it does not list is independent.
//!
//! | resource | `Read` | `Write` | dependent |
//! |---|---|---|---|
//! | atomic | load; compare-exchange that fails *now*, be it spuriously | store, update, compare-exchange that succeeds *now* | unless both read |
//! | condition variable | notify | begin and end of a wait | unless both read |
//! | park token of a task | unpark of it | park by it | unless both read |
//! | reference count | | drop of a reference | always |
//! | lock | | lock | always; an unlock is never enabled together with a lock of the same lock |
//!
//! Fences, yields and the taking of a reference are `Local`: independent of everything. So is an unlock, in the
//! sense that matters: while a task holds a lock, no operation of another task that is enabled depends on the
//! unlock. Local operations are performed at once, without a choice.
//!
//! Why notifications of one condition variable may be exchanged: each gives one more signal while unsignalled
//! waiters are left, and the number of waiters does not change between them. Why unparks may: each makes the
//! token available. Why taking a reference is local: the count stays above zero while the taker holds its own.
//! Why fences are: values are sequentially consistent; a fence changes only what happens before what, and that by
//! its place in its own task. Accesses to cells, spawns and joins are no scheduling points at all; what they order
//! is in the clocks.

use super::memory::Memory;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// What an operation does to shared state, as far as order matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Local,
    Read(Resource),
    Write(Resource),
    Lock(ObjectId),
    Unlock(ObjectId),
    /// A write to a condition variable that releases a lock as well.
    Wait {
        condvar: ObjectId,
        lock: ObjectId,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Object(ObjectId),
    /// The park token of a task.
    Token(TaskId),
}

impl Access {
    /// The access that `operation` would be if it were performed now as decided.
    pub(super) fn of(decision: TaskId, operation: &Operation, memory: &Memory) -> Access {
        let task = decision.plain();
        let Some(object) = operation.object else {
            return match operation.action {
                Action::Park => Access::Write(Resource::Token(task)),
                Action::Unpark { target } => Access::Read(Resource::Token(target)),
                _ => Access::Local,
            };
        };
        let resource = Resource::Object(object);
        match operation.action {
            Action::Load { .. } | Action::NotifyOne | Action::NotifyAll => Access::Read(resource),
            Action::CompareExchange { expected, .. }
                if decision.is_spurious() || memory.value(object) != expected =>
            {
                Access::Read(resource)
            }
            Action::Store { .. }
            | Action::Update { .. }
            | Action::CompareExchange { .. }
            | Action::WaitEnd
            | Action::ReferenceDrop => Access::Write(resource),
            Action::Lock => Access::Lock(object),
            Action::Unlock => Access::Unlock(object),
            Action::WaitBegin { lock } => Access::Wait { condvar: object, lock },
            _ => Access::Local,
        }
    }

    /// What it has been to whoever looks at the values, once it was performed and has read `value`: a
    /// read-modify-write that has written what it read leaves everything as it was.
    pub(super) fn effect(self, operation: &Operation, value: u64, memory: &Memory) -> Access {
        let is_update = matches!(operation.action, Action::Update { .. } | Action::CompareExchange { .. });
        match (self, operation.object) {
            (Access::Write(resource), Some(object)) if is_update && memory.value(object) == value => {
                Access::Read(resource)
            }
            _ => self,
        }
    }

    /// Whether the order of two enabled accesses of different tasks matters.
    pub(super) fn depends(self, other: Access) -> bool {
        let locks = match (self.lock(), other.lock()) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => false,
        };
        let resources = match (self.resource(), other.resource()) {
            (Some((mine, write)), Some((theirs, also_write))) => mine == theirs && (write || also_write),
            _ => false,
        };
        locks || resources
    }

    /// Whether it can be performed without a choice: no enabled operation of another task depends on it.
    pub(super) fn is_local(self) -> bool {
        matches!(self, Access::Local | Access::Unlock(_))
    }

    /// The resource that is read or written, and whether it is written.
    pub(super) fn resource(self) -> Option<(Resource, bool)> {
        match self {
            Access::Read(resource) => Some((resource, false)),
            Access::Write(resource) => Some((resource, true)),
            Access::Wait { condvar, .. } => Some((Resource::Object(condvar), true)),
            Access::Local | Access::Lock(_) | Access::Unlock(_) => None,
        }
    }

    /// The lock that is taken or released.
    fn lock(self) -> Option<ObjectId> {
        match self {
            Access::Lock(lock) | Access::Unlock(lock) | Access::Wait { lock, .. } => Some(lock),
            Access::Local | Access::Read(_) | Access::Write(_) => None,
        }
    }
}

/// The number of an operation's kind. Numbers are kept in replay tokens, so none may change its meaning.
pub(super) fn kind(operation: &Operation) -> u8 {
    match operation.action {
        Action::Load { .. } => 1,
        Action::Store { .. } => 2,
        Action::Update { .. } => 3,
        Action::CompareExchange { .. } => 4,
        Action::Fence { .. } => 5,
        Action::Lock => 6,
        Action::Unlock => 7,
        Action::WaitBegin { .. } => 8,
        Action::WaitEnd => 9,
        Action::NotifyOne => 10,
        Action::NotifyAll => 11,
        Action::Park => 12,
        Action::Unpark { .. } => 13,
        Action::Yield => 14,
        Action::ReferenceTake => 15,
        Action::ReferenceDrop => 16,
        Action::CellRead | Action::CellWrite | Action::Spawn { .. } | Action::Join { .. } => 17,
    }
}

/// A short name of an operation by which a re-execution is recognised; the same in every run of a program.
pub(super) fn fingerprint(operation: &Operation) -> u32 {
    let action = u32::from(kind(operation));
    let object = operation.object.map_or(0, |object| u32::from(object.0) + 1);
    let line = operation.location.line() ^ operation.location.column() << 16;
    (action | object << 5).wrapping_mul(0x9E37_79B1) ^ line.wrapping_mul(0x85EB_CA77)
}
