//! Objects as the code under test holds them, and the executions that they belong to.

use core::sync::atomic::{AtomicU64, Ordering};

use super::suspending::exceed;
use super::{Event, Phase, outside, with};
use crate::executor::controller::{OBJECTS_MAX, ObjectKind};
use crate::executor::interceptor;
use crate::exploration::Bound;
use crate::operation::ObjectId;

/// A modelled object as the code under test holds it: its number, and the execution that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(in crate::executor) struct Handle {
    pub(super) object: ObjectId,
    pub(super) execution: Execution,
}

/// The number of an execution. No other execution of the process has it, whichever operating-system thread runs
/// it: so a handle that passes [`check`] belongs to the one execution that this thread runs, and whatever it gives
/// access to is reached from this thread alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::executor) struct Execution(u64);

impl Execution {
    /// What an operation outside all executions compares with: the number of none.
    pub(super) const NONE: Execution = Execution(0);

    pub(super) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Execution(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    pub(in crate::executor) fn number(self) -> u64 {
        self.0
    }
}

impl Handle {
    /// The object of this number in the execution of that one.
    pub(in crate::executor) fn new(object: ObjectId, execution: Execution) -> Self {
        Handle { object, execution }
    }

    /// The object's number.
    ///
    /// # Panics
    ///
    /// Panics if the object belongs to another execution: its number would name something else here.
    pub(in crate::executor) fn object(self) -> ObjectId {
        self.check();
        self.object
    }

    /// Refuses a handle of another execution.
    ///
    /// # Panics
    ///
    /// Panics if it is one, and outside an execution.
    pub(in crate::executor) fn check(self) {
        check(self.execution);
    }
}

/// Refuses what belongs to another execution than the one that this thread runs.
///
/// # Panics
///
/// Panics if it does, and outside an execution.
pub(in crate::executor) fn check(execution: Execution) {
    with(|session| match session.phase {
        Phase::Running => session.check(execution),
        Phase::Outside => outside(),
    });
}

/// The number of the execution that this thread runs.
pub(in crate::executor) fn execution() -> Execution {
    with(|session| match session.phase {
        Phase::Running => session.execution,
        Phase::Outside => outside(),
    })
}

/// Numbers a new object.
pub(in crate::executor) fn create(kind: ObjectKind) -> Handle {
    number(kind, Event::Created)
}

/// Numbers an object that the present task is the first to come to.
pub(in crate::executor) fn find(kind: ObjectKind) -> Handle {
    number(kind, Event::Found)
}

fn number(kind: ObjectKind, event: fn(ObjectId, ObjectKind) -> Event) -> Handle {
    if with(|session| session.phase == Phase::Running && session.kinds.len() == usize::from(OBJECTS_MAX)) {
        exceed(Bound::Objects(u32::from(OBJECTS_MAX)));
    }
    let handle = with(|session| {
        if session.phase != Phase::Running {
            outside();
        }
        let object = ObjectId(session.kinds.len() as u16);
        session.kinds.push(kind);
        session.lives.created();
        session.push(event(object, kind));
        session.synchronisation.created(kind);
        Handle { object, execution: session.execution }
    });
    interceptor::created(handle.object, kind);
    handle
}
