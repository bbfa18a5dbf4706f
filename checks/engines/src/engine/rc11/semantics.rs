//! What each operation of the runtime is to the memory model.
//!
//! Locks, park tokens and condition variables are memory locations like any other, driven by read-modify-writes
//! that wait for a certain value:
//!
//! - a lock holds 1 while it is held; to lock is an acquiring update of 0 to 1, to unlock a releasing write of 0;
//! - a lock that can be shared holds 1 while a task holds it alone and otherwise twice the number of shares; taking and
//!   giving back a share are updates, so that whoever takes the lock alone acquires what all shares have released. A
//!   share acquires it as well, as it does where locks are made of one word; the orders in which it does not are
//!   explored too;
//! - a park token is a location of its thread; to unpark is a releasing update to 1, to park an acquiring update of
//!   1 to 0;
//! - a condition variable holds the set of waiting threads (low half) and of notified ones (high half). Waiting
//!   and notifying are relaxed updates: the lock, not the condition variable, orders memory;
//! - a wait or a park that ends spuriously is the second result of one that would have to wait: a park then only
//!   reads, a wait takes its thread out of the set of the waiting ones;
//! - a timed wait whose time is over comes out as one that ends spuriously, but twice in a row;
//! - what is done once holds whether it is fresh, running, done or poisoned: to begin is an acquiring update to running, or
//!   an acquiring read of done; to end is a releasing write;
//! - where tasks meet, the number of arrivals is a location; to arrive is an update that acquires and releases;
//! - a gate holds 1 once it is open; to open it is a releasing write, to pass it an acquiring read of 1;
//! - a reference count is dropped with release, and the last drop acquires.

use core::mem::discriminant;
use core::sync::atomic::Ordering;

use super::event::Event;
use crate::operation::{Action, Operation, once};

/// How often in a row a timed wait runs out of time, in one thread and at one place of the code.
const TIMES_OVER: usize = 2;

/// The part of a condition variable's value that holds the notified threads.
const NOTIFIED_SHIFT: u32 = 32;

/// The value of a gate that is open.
const OPEN: u64 = 1;

/// The value of a lock that a task holds alone.
const HELD: u64 = 1;
/// What each share adds to the value of a lock.
const SHARE: u64 = 2;

/// How an operation touches memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It reads, and then may write: loads, updates, compare-exchanges, whatever waits.
    Read,
    /// It writes this value.
    Write(u64),
    /// It is a fence.
    Fence,
    /// It does not touch memory, or what it touches is told to the engine as it happens.
    Step,
}

/// What follows a read, given the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// The write of a value.
    Write(u64),
    /// The thread waits for another value.
    Wait,
}

/// The synchronising power of an access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Strength {
    pub(super) acquire: bool,
    pub(super) release: bool,
    pub(super) sequential: bool,
}

impl From<Ordering> for Strength {
    fn from(ordering: Ordering) -> Self {
        Strength {
            acquire: matches!(ordering, Ordering::Acquire | Ordering::AcqRel | Ordering::SeqCst),
            release: matches!(ordering, Ordering::Release | Ordering::AcqRel | Ordering::SeqCst),
            sequential: ordering == Ordering::SeqCst,
        }
    }
}

/// The threads that wait at a condition variable with this value, and those that were notified, as sets of bits.
pub(super) fn waiters(value: u64) -> (u32, u32) {
    (value as u32, (value >> NOTIFIED_SHIFT) as u32)
}

/// How the operation touches memory.
pub(super) fn access(operation: &Operation) -> Access {
    match operation.action {
        Action::Store { value, .. } => Access::Write(value),
        Action::Unlock => Access::Write(0),
        Action::OnceEnd { poisons } => Access::Write(once::ended(poisons)),
        Action::GateOpen => Access::Write(OPEN),
        Action::Fence { .. } => Access::Fence,
        Action::CellRead
        | Action::CellWrite
        | Action::Spawn { .. }
        | Action::Join { .. }
        | Action::End
        | Action::Yield => Access::Step,
        Action::Load { .. }
        | Action::Update { .. }
        | Action::CompareExchange { .. }
        | Action::Lock
        | Action::LockShared
        | Action::UnlockShared
        | Action::TryLock
        | Action::TryLockShared
        | Action::WaitBegin { .. }
        | Action::WaitEnd
        | Action::WaitEndTimed { .. }
        | Action::NotifyOne
        | Action::NotifyAll
        | Action::Park
        | Action::ParkTimed
        | Action::Unpark { .. }
        | Action::ReferenceTake
        | Action::ReferenceDrop
        | Action::OnceBegin { .. }
        | Action::OnceLook
        | Action::Arrive { .. }
        | Action::GatePass => Access::Read,
    }
}

/// Which operations may come out worse than the value read would let them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spurious {
    /// A weak compare-exchange may fail.
    pub(super) failures: bool,
    /// A park, or a wait for a condition variable, may end.
    pub(super) wakeups: bool,
}

impl Spurious {
    /// Whether the operation, the next of a thread that has done `before`, may come out spuriously: not twice in a
    /// row at one place of the code, or loops would not end.
    pub(super) fn allows(self, before: &[Event], operation: &Operation) -> bool {
        let is_possible = match operation.action {
            Action::CompareExchange { weak, .. } => weak && self.failures,
            Action::Park | Action::WaitEnd => self.wakeups,
            Action::WaitEndTimed { .. } => true,
            _ => false,
        };
        let in_a_row = if matches!(operation.action, Action::WaitEndTimed { .. }) { TIMES_OVER } else { 1 };
        let is_same_place = |event: &&Event| {
            event.is_read()
                && event.operation.location == operation.location
                && discriminant(&event.operation.action) == discriminant(&operation.action)
        };
        let last = before.iter().rev().filter(is_same_place).take(in_a_row);
        is_possible && last.filter(|last| last.choice != 0).count() < in_a_row
    }
}

/// What the reading operation of `thread` does after it has read `value`. `choice` is below [`choices`].
pub(super) fn effect(operation: &Operation, thread: u8, value: u64, choice: u8, mask: u64) -> Effect {
    let waits_for = |wanted: u64, new: u64| if value == wanted { Effect::Write(new) } else { Effect::Wait };
    match operation.action {
        Action::Update { update, operand, .. } => Effect::Write(update.apply(value, operand) & mask),
        Action::CompareExchange { expected, new, .. } if value == expected & mask && choice == 0 => {
            Effect::Write(new & mask)
        }
        Action::Lock => waits_for(0, HELD),
        Action::LockShared if value & HELD != 0 => Effect::Wait,
        Action::TryLock if value == 0 => Effect::Write(HELD),
        Action::TryLockShared if value & HELD != 0 => Effect::None,
        Action::LockShared | Action::TryLockShared => Effect::Write(value + SHARE),
        Action::UnlockShared => Effect::Write(value.wrapping_sub(SHARE)),
        Action::Park if value == 0 && choice == SPURIOUS => Effect::None,
        Action::Park => waits_for(1, 0),
        Action::ParkTimed if value == 1 => Effect::Write(0),
        Action::Unpark { .. } => Effect::Write(1),
        Action::WaitBegin { .. } => Effect::Write(value | 1 << thread),
        Action::WaitEnd | Action::WaitEndTimed { .. } => {
            let notified = 1 << (u32::from(thread) + NOTIFIED_SHIFT);
            match (value & notified, choice) {
                (0, SPURIOUS) => Effect::Write(value & !(1 << thread)),
                (0, _) => Effect::Wait,
                _ => Effect::Write(value & !notified),
            }
        }
        Action::NotifyOne => match nth_member(value as u32, choice) {
            Some(waiter) => Effect::Write(value & !(1 << waiter) | 1 << (waiter + NOTIFIED_SHIFT)),
            None => Effect::Write(value),
        },
        Action::NotifyAll => {
            let waiting = u64::from(value as u32);
            Effect::Write(value & !waiting | waiting << NOTIFIED_SHIFT)
        }
        Action::ReferenceTake => Effect::Write(value.wrapping_add(1)),
        Action::ReferenceDrop => Effect::Write(value.wrapping_sub(1)),
        Action::OnceBegin { .. } if value == once::RUNNING => Effect::Wait,
        Action::OnceBegin { forced } if once::begins(value, forced) => Effect::Write(once::RUNNING),
        Action::Arrive { .. } => Effect::Write(value.wrapping_add(1)),
        Action::GatePass if value != OPEN => Effect::Wait,
        _ => Effect::None,
    }
}

/// The choice of an operation that comes out spuriously.
pub(super) const SPURIOUS: u8 = 1;

/// How many results the operation of `thread` has for one value read; `spurious` is what [`Spurious::allows`] says.
pub(super) fn choices(operation: &Operation, thread: u8, value: u64, mask: u64, spurious: bool) -> u8 {
    match operation.action {
        Action::CompareExchange { expected, weak: true, .. } if spurious && value == expected & mask => 2,
        Action::Park if spurious && value == 0 => 2,
        Action::WaitEnd | Action::WaitEndTimed { .. }
            if spurious && value & 1 << (u32::from(thread) + NOTIFIED_SHIFT) == 0 =>
        {
            2
        }
        Action::NotifyOne => (value as u32).count_ones().max(1) as u8,
        _ => 1,
    }
}

/// The synchronising power of a read that has read `value` and is followed by `effect`.
pub(super) fn read_strength(operation: &Operation, value: u64, effect: Effect) -> Strength {
    let ordering = match operation.action {
        Action::Load { ordering } | Action::Update { ordering, .. } => ordering,
        Action::CompareExchange { success, failure, .. } => {
            if effect == Effect::None {
                failure
            } else {
                success
            }
        }
        Action::Park if effect == Effect::None => Ordering::Relaxed,
        Action::TryLock | Action::TryLockShared | Action::ParkTimed if effect == Effect::None => {
            Ordering::Relaxed
        }
        Action::Lock | Action::LockShared | Action::TryLock | Action::TryLockShared => Ordering::Acquire,
        Action::Park | Action::ParkTimed | Action::GatePass => Ordering::Acquire,
        Action::OnceBegin { .. } | Action::OnceLook | Action::Arrive { .. } => Ordering::Acquire,
        Action::ReferenceDrop if value == 1 => Ordering::Acquire,
        _ => Ordering::Relaxed,
    };
    Strength { release: false, ..Strength::from(ordering) }
}

/// The synchronising power of the operation's write.
pub(super) fn write_strength(operation: &Operation) -> Strength {
    let ordering = match operation.action {
        Action::Store { ordering, .. } | Action::Update { ordering, .. } => ordering,
        Action::CompareExchange { success, .. } => success,
        Action::Unlock
        | Action::UnlockShared
        | Action::Unpark { .. }
        | Action::ReferenceDrop
        | Action::OnceEnd { .. }
        | Action::Arrive { .. }
        | Action::GateOpen => Ordering::Release,
        _ => Ordering::Relaxed,
    };
    Strength { acquire: false, ..Strength::from(ordering) }
}

/// The member of the set of bits that has `rank` members below it.
fn nth_member(set: u32, rank: u8) -> Option<u32> {
    (0..u32::BITS).filter(|member| set >> member & 1 == 1).nth(usize::from(rank))
}
