//! The vocabulary in which every engine of ours and every lens speaks of what modelled code does: one
//! [`Operation`] for each call of the [`Runtime`](cancelproof_runtime::Runtime) trait.

use core::fmt;
use core::panic::Location;
use core::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};

/// A modelled thread, numbered from 0 (the main one) in the order of spawning within one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskId(pub u8);

/// An object of the runtime (atomic, cell, lock, condition variable), numbered from 0 in the order of creation
/// within one execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u16);

impl TaskId {
    /// What is added to a task's number by a decision that lets its operation come out spuriously.
    const SPURIOUS: u8 = 16;

    /// The decision that this task performs its operation and that it comes out spuriously: a weak compare-exchange
    /// fails although the value is the expected one, a wait or a park ends without a cause.
    #[must_use]
    pub const fn spuriously(self) -> TaskId {
        TaskId(self.0 | TaskId::SPURIOUS)
    }

    /// Whether this stands for a decision that lets an operation come out spuriously.
    #[must_use]
    pub const fn is_spurious(self) -> bool {
        self.0 & TaskId::SPURIOUS != 0
    }

    /// The task that a decision names, however its operation comes out.
    #[must_use]
    pub const fn plain(self) -> TaskId {
        TaskId(self.0 & !TaskId::SPURIOUS)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.is_spurious() { ", spuriously" } else { "" };
        write!(f, "thread {}{how}", self.plain().0)
    }
}

/// A read-modify-write other than a compare-exchange: how the new value follows from the old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Update {
    /// The operand replaces the value.
    Swap,
    /// Wrapping addition.
    Add,
    /// Wrapping subtraction.
    Subtract,
    /// Bitwise and.
    And,
    /// Bitwise or.
    Or,
    /// Bitwise exclusive or.
    Xor,
    /// The complement of bitwise and.
    Nand,
    /// The greater of the two.
    Max {
        /// The width in bits of the signed integer that the values are; 0 if they are unsigned.
        signed: u8,
    },
    /// The smaller of the two.
    Min {
        /// The width in bits of the signed integer that the values are; 0 if they are unsigned.
        signed: u8,
    },
}

impl Update {
    /// The value that follows `old`, before truncation to the width of the atomic.
    #[must_use]
    pub fn apply(self, old: u64, operand: u64) -> u64 {
        match self {
            Update::Swap => operand,
            Update::Add => old.wrapping_add(operand),
            Update::Subtract => old.wrapping_sub(operand),
            Update::And => old & operand,
            Update::Or => old | operand,
            Update::Xor => old ^ operand,
            Update::Nand => !(old & operand),
            Update::Max { signed } => core::cmp::max_by_key(operand, old, |value| ranked(*value, signed)),
            Update::Min { signed } => core::cmp::min_by_key(old, operand, |value| ranked(*value, signed)),
        }
    }
}

/// Where a value stands among those of its type: `u64` in the order of the signed or unsigned integer.
fn ranked(value: u64, signed: u8) -> u64 {
    if signed == 0 {
        return value;
    }
    // The sign bit moved to the top and flipped puts negative values below all others.
    (value << (64 - u32::from(signed))) ^ 1 << 63
}

/// What an operation does. Values of every width travel as `u64`, truncated to the width of their atomic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// An atomic read.
    Load {
        /// The ordering written in the code.
        ordering: Ordering,
    },
    /// An atomic write.
    Store {
        /// The value written.
        value: u64,
        /// The ordering written in the code.
        ordering: Ordering,
    },
    /// An unconditional read-modify-write.
    Update {
        /// How the new value follows from the old.
        update: Update,
        /// The right-hand side.
        operand: u64,
        /// The ordering written in the code.
        ordering: Ordering,
    },
    /// A compare-exchange.
    CompareExchange {
        /// The value it waits for.
        expected: u64,
        /// The value it writes when it succeeds.
        new: u64,
        /// The ordering of the read-modify-write when it succeeds.
        success: Ordering,
        /// The ordering of the read when it fails.
        failure: Ordering,
        /// Whether it was written as the weak form, which may fail spuriously.
        weak: bool,
    },
    /// A fence.
    Fence {
        /// The ordering written in the code.
        ordering: Ordering,
    },
    /// Shared access to a cell.
    CellRead,
    /// Exclusive access to a cell.
    CellWrite,
    /// Takes a lock; blocks while another task holds it.
    Lock,
    /// Releases a lock.
    Unlock,
    /// Takes a lock beside others that share it; blocks while a task holds it alone.
    LockShared,
    /// Gives back one share of a lock.
    UnlockShared,
    /// Takes a lock if it is free, and fails if it is not; never blocks.
    TryLock,
    /// Takes a share of a lock if no task holds it alone, and fails if one does; never blocks.
    TryLockShared,
    /// Releases the lock and begins to wait on a condition variable, in one step.
    WaitBegin {
        /// The lock that is released.
        lock: ObjectId,
    },
    /// Ends a wait; blocks until notified. The lock is taken again by a [`Action::Lock`] of its own.
    WaitEnd,
    /// Ends a wait whose time may be over: by a notification if one has come, and without one if not. Never blocks.
    WaitEndTimed {
        /// Whether a notification has come. Not known before the operation is performed: it is false until then.
        notified: bool,
    },
    /// Wakes one waiter.
    NotifyOne,
    /// Wakes every waiter.
    NotifyAll,
    /// Takes the calling task's park token; blocks until there is one.
    Park,
    /// Takes the calling task's park token if there is one; never blocks. The time ran out, or the token had come before.
    ParkTimed,
    /// Gives a task its park token.
    Unpark {
        /// The task that gets the token.
        target: TaskId,
    },
    /// Starts a task.
    Spawn {
        /// The task that starts.
        child: TaskId,
    },
    /// Waits for a task to end.
    Join {
        /// The task that is waited for.
        child: TaskId,
    },
    /// Drops an object. Its place is the last one that its task was at, since a drop has none of its own.
    End,
    /// Lets other tasks run.
    Yield,
    /// Gives a shared owner another reference.
    ReferenceTake,
    /// Gives a reference back; the last one destroys the value.
    ReferenceDrop,
    /// Begins what is done once; blocks while another task does it. Fails, with what is [`once`], where nothing is left to do.
    OnceBegin {
        /// Whether it is begun although a task has panicked in it.
        forced: bool,
    },
    /// Ends what is done once.
    OnceEnd {
        /// Whether its task panicked in it.
        poisons: bool,
    },
    /// Looks whether what is done once was done.
    OnceLook,
    /// Arrives where a group of tasks meets.
    Arrive {
        /// How many tasks meet: at least two. Which of them comes last is told, and no other order.
        group: u32,
    },
    /// Opens a gate, for good.
    GateOpen,
    /// Passes a gate; blocks until it is open.
    GatePass,
}

/// What the object of something that is done once holds.
pub mod once {
    /// No task has begun.
    pub const FRESH: u64 = 0;
    /// A task does it.
    pub const RUNNING: u64 = 1;
    /// It was done.
    pub const DONE: u64 = 2;
    /// A task has panicked in it.
    pub const POISONED: u64 = 3;

    /// Whether a task that comes to this value, other than [`RUNNING`], begins.
    #[must_use]
    pub const fn begins(value: u64, forced: bool) -> bool {
        value == FRESH || value == POISONED && forced
    }

    /// What is held once it has ended.
    #[must_use]
    pub const fn ended(poisons: bool) -> u64 {
        if poisons { POISONED } else { DONE }
    }
}

/// One call of the runtime by modelled code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// What it does.
    pub action: Action,
    /// The object it does it to; `None` for fences, parking, spawning, joining and yielding.
    pub object: Option<ObjectId>,
    /// The line of the caller's code.
    pub location: &'static Location<'static>,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.action {
            Action::Load { ordering } => write!(f, "load({ordering:?})"),
            Action::Store { value, ordering } => write!(f, "store({value}, {ordering:?})"),
            Action::Update { update, operand, ordering } => write!(f, "{update}({operand}, {ordering:?})"),
            Action::CompareExchange { expected, new, success, failure, weak } => {
                let name = if weak { "compare_exchange_weak" } else { "compare_exchange" };
                write!(f, "{name}({expected}, {new}, {success:?}, {failure:?})")
            }
            Action::Fence { ordering } => write!(f, "fence({ordering:?})"),
            Action::End => f.write_str("drop of an object"),
            Action::CellRead => f.write_str("read of a cell"),
            Action::CellWrite => f.write_str("write to a cell"),
            Action::Lock => f.write_str("lock"),
            Action::Unlock => f.write_str("unlock"),
            Action::LockShared => f.write_str("shared lock"),
            Action::UnlockShared => f.write_str("shared unlock"),
            Action::TryLock => f.write_str("try_lock"),
            Action::TryLockShared => f.write_str("shared try_lock"),
            Action::WaitBegin { .. } => f.write_str("begin of a wait"),
            Action::WaitEnd => f.write_str("wait"),
            Action::WaitEndTimed { .. } => f.write_str("wait_timeout"),
            Action::NotifyOne => f.write_str("notify_one"),
            Action::NotifyAll => f.write_str("notify_all"),
            Action::Park => f.write_str("park"),
            Action::ParkTimed => f.write_str("park_timeout"),
            Action::Unpark { target } => write!(f, "unpark of {target}"),
            Action::Spawn { child } => write!(f, "spawn of {child}"),
            Action::Join { child } => write!(f, "join of {child}"),
            Action::Yield => f.write_str("yield"),
            Action::ReferenceTake => f.write_str("clone of a reference"),
            Action::ReferenceDrop => f.write_str("drop of a reference"),
            Action::OnceBegin { .. } => f.write_str("call of what is done once"),
            Action::OnceEnd { poisons: false } => f.write_str("end of what is done once"),
            Action::OnceEnd { poisons: true } => f.write_str("panic in what is done once"),
            Action::OnceLook => f.write_str("look at what is done once"),
            Action::Arrive { group } => write!(f, "arrival of one of {group}"),
            Action::GateOpen => f.write_str("opening of a gate"),
            Action::GatePass => f.write_str("wait at a gate"),
        }?;
        if let Some(object) = self.object {
            write!(f, " on object {}", object.0)?;
        }
        write!(f, " at {}", self.location)
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Update::Swap => "swap",
            Update::Add => "fetch_add",
            Update::Subtract => "fetch_sub",
            Update::And => "fetch_and",
            Update::Or => "fetch_or",
            Update::Xor => "fetch_xor",
            Update::Nand => "fetch_nand",
            Update::Max { .. } => "fetch_max",
            Update::Min { .. } => "fetch_min",
        })
    }
}
