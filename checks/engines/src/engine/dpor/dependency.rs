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
//! | what is done once | | to begin, to end | as such a lock: to find it done is to share it; a look with the end alone |
//! | meeting of a group | arrival of any but the last | arrival of the last | unless both read, and neither would leave the other to be the last |
//! | lock that can be shared and tried for | a try that fails *now* | taking it, taking or giving back a share, unlock | //!   taking with taking, unless both are shared; a failing try with giving back |
//!
//! Fences, yields and the taking of a reference are `Local`: independent of everything. So is an unlock, in the
//! sense that matters: while a task holds a lock, no operation of another task that is enabled depends on the
//! unlock. Local operations are performed at once, without a choice.
//!
//! Why notifications of one condition variable may be exchanged: each gives one more signal while unsignalled
//! waiters are left, and the number of waiters does not change between them. Why unparks may: each makes the
//! token available. Why taking a reference is local: the count stays above zero while the taker holds its own.
//! Why fences are: values are sequentially consistent; a fence changes only what happens before what, and that by
//! its place in its own task. Accesses to cells, spawns, joins and drops of objects are no scheduling points at all; what they
//! order is in the clocks, and what is wrong between them is wrong in each order of a trace.

use super::memory::{Memory, completes};
use crate::operation::{Action, ObjectId, Operation, TaskId, once};

/// What an operation does to shared state, as far as order matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Local,
    Read(Resource),
    Write(Resource),
    Lock(ObjectId),
    Unlock(ObjectId),
    /// Takes a lock that can be shared and tried for.
    Take {
        lock: ObjectId,
        shared: bool,
        /// It would have failed, had the lock not been free.
        tried: bool,
    },
    /// Gives such a lock back. Unlike an unlock it matters to others before they come to it: to those that try.
    Give {
        lock: ObjectId,
        shared: bool,
    },
    /// Tries for such a lock in vain.
    Look {
        lock: ObjectId,
        shared: bool,
    },
    /// Looks whether what is done once was done.
    Peek {
        once: ObjectId,
        is_done: bool,
    },
    /// Arrives at a meeting.
    Arrive {
        meeting: ObjectId,
        /// It is the last of its group.
        is_last: bool,
        /// It is the last, or the next to arrive is.
        is_late: bool,
    },
    /// Opens a gate. A task that waits for that is blocked before, and one that passes later does not change anything.
    Open(ObjectId),
    /// Passes a gate that is open.
    Pass(ObjectId),
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
                Action::Park | Action::ParkTimed => Access::Write(Resource::Token(task)),
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
            | Action::WaitEndTimed { .. }
            | Action::ReferenceDrop => Access::Write(resource),
            Action::Lock if memory.can_be_tried(object) => {
                Access::Take { lock: object, shared: false, tried: false }
            }
            Action::Unlock if memory.can_be_tried(object) => Access::Give { lock: object, shared: false },
            Action::Lock => Access::Lock(object),
            Action::Unlock => Access::Unlock(object),
            Action::LockShared => Access::Take { lock: object, shared: true, tried: false },
            Action::UnlockShared => Access::Give { lock: object, shared: true },
            Action::TryLock => Access::of_try(object, memory, false),
            Action::TryLockShared => Access::of_try(object, memory, true),
            Action::WaitBegin { lock } => Access::Wait { condvar: object, lock },
            Action::OnceBegin { forced } => {
                let is_left = !once::begins(memory.value(object), forced);
                let shared = is_left && memory.value(object) != once::RUNNING;
                Access::Take { lock: object, shared, tried: false }
            }
            Action::OnceEnd { .. } => Access::Give { lock: object, shared: false },
            Action::OnceLook => Access::Peek { once: object, is_done: memory.value(object) == once::DONE },
            Action::Arrive { group } => {
                let arrived = memory.value(object);
                let is_last = completes(arrived, group);
                let is_late = is_last || completes(arrived + 1, group);
                Access::Arrive { meeting: object, is_last, is_late }
            }
            Action::GateOpen => Access::Open(object),
            Action::GatePass => Access::Pass(object),
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

    fn of_try(lock: ObjectId, memory: &Memory, shared: bool) -> Access {
        if memory.can_be_taken(lock, shared) {
            Access::Take { lock, shared, tried: true }
        } else {
            Access::Look { lock, shared }
        }
    }

    /// Whether the order of two enabled accesses of different tasks matters.
    pub(super) fn depends(self, other: Access) -> bool {
        if let (Access::Arrive { meeting, is_late, .. }, Access::Arrive { meeting: also, .. }) = (self, other)
        {
            return meeting == also && is_late;
        }
        let locks = match (self.lock(), other.lock()) {
            (Some(mine), Some(theirs)) => mine == theirs && self.excludes(other),
            _ => false,
        };
        let resources = match (self.resource(), other.resource()) {
            (Some((mine, write)), Some((theirs, also_write))) => mine == theirs && (write || also_write),
            _ => false,
        };
        locks || resources
    }

    /// Whether the order of two accesses to one lock matters.
    fn excludes(self, other: Access) -> bool {
        match (self, other) {
            (Access::Take { shared, .. }, Access::Take { shared: also, .. }) => !(shared && also),
            (Access::Peek { .. }, other) | (other, Access::Peek { .. }) => {
                matches!(other, Access::Give { .. })
            }
            // A failing try of the whole lock is not about who takes another share of it.
            (Access::Take { shared, .. }, Access::Look { .. })
            | (Access::Look { .. }, Access::Take { shared, .. }) => !shared,
            (Access::Look { .. }, Access::Look { .. }) | (Access::Give { .. }, Access::Give { .. }) => false,
            (Access::Take { shared: true, .. }, Access::Give { shared: true, .. })
            | (Access::Give { shared: true, .. }, Access::Take { shared: true, .. }) => false,
            _ => true,
        }
    }

    /// Whether it can be performed without a choice: no enabled operation of another task depends on it.
    pub(super) fn is_local(self) -> bool {
        matches!(self, Access::Local | Access::Unlock(_) | Access::Open(_) | Access::Pass(_))
    }

    /// The resource that is read or written, and whether it is written.
    pub(super) fn resource(self) -> Option<(Resource, bool)> {
        match self {
            Access::Read(resource) => Some((resource, false)),
            Access::Write(resource) => Some((resource, true)),
            Access::Wait { condvar, .. } => Some((Resource::Object(condvar), true)),
            Access::Arrive { meeting, is_last, .. } => Some((Resource::Object(meeting), is_last)),
            Access::Local
            | Access::Peek { .. }
            | Access::Open(_)
            | Access::Pass(_)
            | Access::Lock(_)
            | Access::Unlock(_)
            | Access::Take { .. }
            | Access::Give { .. }
            | Access::Look { .. } => None,
        }
    }

    /// Whether it leaves everything as it was.
    pub(super) fn changes_nothing(self) -> bool {
        matches!(
            self,
            Access::Read(_) | Access::Local | Access::Look { .. } | Access::Peek { .. } | Access::Pass(_)
        )
    }

    /// The lock that is taken or released.
    fn lock(self) -> Option<ObjectId> {
        match self {
            Access::Lock(lock)
            | Access::Unlock(lock)
            | Access::Take { lock, .. }
            | Access::Give { lock, .. }
            | Access::Look { lock, .. }
            | Access::Peek { once: lock, .. }
            | Access::Wait { lock, .. } => Some(lock),
            Access::Local
            | Access::Read(_)
            | Access::Write(_)
            | Access::Arrive { .. }
            | Access::Open(_)
            | Access::Pass(_) => None,
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
        Action::CellRead | Action::CellWrite | Action::Spawn { .. } | Action::Join { .. } | Action::End => 17,
        Action::LockShared => 18,
        Action::UnlockShared => 19,
        Action::TryLock => 20,
        Action::TryLockShared => 21,
        Action::ParkTimed => 22,
        Action::WaitEndTimed { .. } => 23,
        Action::OnceBegin { .. } => 24,
        Action::OnceEnd { .. } => 25,
        Action::OnceLook => 26,
        Action::Arrive { .. } => 27,
        Action::GateOpen => 28,
        Action::GatePass => 29,
    }
}

/// A short name of an operation by which a re-execution is recognised; the same in every run of a program.
pub(super) fn fingerprint(operation: &Operation) -> u32 {
    let action = u32::from(kind(operation));
    let object = operation.object.map_or(0, |object| u32::from(object.0) + 1);
    let line = operation.location.line() ^ operation.location.column() << 16;
    (action | object << 5).wrapping_mul(0x9E37_79B1) ^ line.wrapping_mul(0x85EB_CA77)
}
