//! What becomes of tasks whose execution is over: each is unwound, and its destructors may still ask for operations.

use core::panic::Location;
use std::panic::resume_unwind;
use std::thread::panicking;

use corosensei::Yielder;

use super::{Handle, Phase, Session, Signal, outside, with};
use crate::operation::{Action, Operation, TaskId};

/// The payload of the panic that unwinds a task whose execution is over.
#[derive(Debug)]
pub(in crate::executor) struct Unwound;

/// A task that asks for more operations than this while it is unwound is taken to be in a loop.
const IGNORED_MAX: u32 = 100_000;

impl Session {
    /// Remembers that a task is suspended in the middle of a panic. While another one is, the thread counts as
    /// panicking whatever this task does, so then it is not believed.
    #[cold]
    pub(super) fn note_panicking(&mut self, task: TaskId) {
        let mut others = self.panicking;
        others.remove(task);
        if others.is_empty() {
            self.panicking.insert(task);
        }
    }
}

/// An operation when no execution runs: harmless if the task is being unwound, an error otherwise.
#[cold]
pub(super) fn perform_outside(action: Action, handle: Option<Handle>) -> u64 {
    loop {
        let yielder = match with(|session| session.during_unwinding(action, handle)) {
            DuringUnwinding::Raise => resume_unwind(Box::new(Unwound)),
            DuringUnwinding::Ignore => break,
            DuringUnwinding::Wait(yielder) => yielder,
        };
        // SAFETY: as in `perform`.
        let _ = unsafe { (*yielder).suspend(()) };
    }
    if let Action::CompareExchange { expected, .. } = action { expected } else { 0 }
}

/// What an operation does when its execution is over.
enum DuringUnwinding {
    /// The task does not unwind yet: let it begin.
    Raise,
    /// A destructor asks: return at once.
    Ignore,
    /// A destructor asks, and must wait for another task to be unwound.
    Wait(*const Yielder<Signal, ()>),
}

impl Session {
    fn during_unwinding(&mut self, action: Action, handle: Option<Handle>) -> DuringUnwinding {
        if self.phase == Phase::Outside {
            outside();
        }
        // The thread counts as panicking while any of its tasks is suspended in the middle of a panic, so that
        // alone does not say that this one is.
        if !panicking() || !self.panicking.contains(self.current) {
            self.panicking.insert(self.current);
            return DuringUnwinding::Raise;
        }
        let wait = DuringUnwinding::Wait(self.yielders[usize::from(self.current.0)]);
        self.ignored += 1;
        if self.ignored > IGNORED_MAX {
            return wait;
        }
        let object = handle.map(|handle| handle.object);
        let operation = Operation { action, object, location: Location::caller() };
        match action {
            // What a lock protects is still in use by the task that holds it, until that task is unwound.
            Action::Lock => match self.synchronisation.holder(object) {
                Some(holder) if holder != self.current && !self.finished.contains(holder) => return wait,
                _ => self.synchronisation.apply(self.current, &operation),
            },
            Action::Unlock => self.synchronisation.apply(self.current, &operation),
            _ => {}
        }
        DuringUnwinding::Ignore
    }
}
