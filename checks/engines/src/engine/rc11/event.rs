//! The nodes of an execution graph.

use super::clock::Clock;
use crate::operation::Operation;

/// An event's place: its thread, and its position in that thread's program order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EventId {
    pub(super) thread: u8,
    pub(super) index: u16,
}

/// What an event is to the memory model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An atomic read, or the reading part of a read-modify-write.
    Read(Continuation),
    /// An atomic write; exclusive if it is the writing part of a read-modify-write, whose reading part is then
    /// the event before it in program order.
    Write { exclusive: bool },
    /// A fence.
    Fence,
    /// Shared access to a cell.
    CellRead,
    /// Exclusive access to a cell.
    CellWrite,
    /// The start of the thread with this number.
    Spawn(u8),
    /// The end of waiting for the thread with this number.
    Join(u8),
    /// Something without meaning to the model, kept because it is a step of the program.
    Step,
}

/// How a thread goes on after a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuation {
    /// With whatever the program does next.
    Program,
    /// With the writing part of the same read-modify-write, of this value.
    Write(u64),
    /// Not at all, unless the read is given another write to read from.
    Blocked(Blocked),
}

/// Why a thread does not go on after a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// The lock is held, there is no token, there was no notification.
    Waiting,
    /// A loop read again what it had read the turn before, and would go on doing so.
    Repeating,
    /// A loop has gone round often enough with turns that look alike, and cannot be shown to repeat.
    WornOut,
    /// A turn of a retry loop failed; an execution without that turn covers this one.
    Failed,
}

/// An event with everything that its place in the graph determines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// The operation that it is, or is a part of. Objects and threads in it are numbered as in the graph.
    pub(super) operation: Operation,
    pub(super) role: Role,
    /// When it was added: of two events, the one with the smaller stamp was there first.
    pub(super) stamp: u32,
    /// Which of several results for one value read; 0 is the one that counts as maximal.
    pub(super) choice: u8,
    pub(super) acquire: bool,
    pub(super) release: bool,
    pub(super) sequential: bool,
    /// For a read, the write it reads from; `None` is the initial value.
    pub(super) source: Option<EventId>,
    /// The value read or written.
    pub(super) value: u64,
    /// What happens before it, itself included.
    pub(super) happens: Clock,
    /// Its prefix under program order and reads-from, itself included.
    pub(super) prefix: Clock,
    /// What comes before it in program order, itself included: also what its thread's parent did before the spawn, and
    /// what the threads did that it has joined.
    pub(super) program: Clock,
    /// For a write, what an acquiring read of it synchronises with.
    pub(super) message: Clock,
    /// A digest of what the thread has done and read up to here.
    pub(super) history: u64,
    /// For a write, its place in coherence order, from 1.
    pub(super) place: u16,
    /// For a write that was offered to a read which was there before it, that read, which may be gone.
    pub(super) taker: Option<EventId>,
    /// How many events the thread had when it came to the same object before, that event included; 0 if it never did.
    pub(super) previous: u16,
    /// For an exclusive access to a cell, as `previous`, of such accesses alone.
    pub(super) previous_exclusive: u16,
    /// How many events the thread had at its last releasing fence, that and this event included; 0 if there is none.
    pub(super) fence: u16,
}

impl Event {
    #[inline]
    pub(super) fn is_read(&self) -> bool {
        matches!(self.role, Role::Read(_))
    }

    #[inline]
    pub(super) fn is_write(&self) -> bool {
        matches!(self.role, Role::Write { .. })
    }

    #[inline]
    pub(super) fn is_sequential_fence(&self) -> bool {
        self.role == Role::Fence && self.sequential
    }

    /// Whether it is a read whose write follows.
    #[inline]
    pub(super) fn is_exclusive_read(&self) -> bool {
        matches!(self.role, Role::Read(Continuation::Write(_)))
    }

    /// Why its thread does not go on after it, if it does not.
    #[inline]
    pub(super) fn blocked(&self) -> Option<Blocked> {
        match self.role {
            Role::Read(Continuation::Blocked(why)) => Some(why),
            _ => None,
        }
    }
}
