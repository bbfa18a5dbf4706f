//! How a task suspends itself: at an operation, before an access, and for good.

use core::panic::Location;
use std::thread::panicking;

use super::{Event, Handle, Pause, Phase, Reply, SUSPENSIONS, is_running, outside, refuse_ended, with};
use crate::arena;
use crate::executor::{interceptor, standing};
use crate::exploration::Bound;
use crate::heartbeat;
use crate::operation::{Action, Operation};

/// Performs `action` for the calling task, unless an interceptor has something else performed; returns the reply.
#[inline]
pub(in crate::executor) fn perform(
    action: Action,
    handle: Option<Handle>,
    location: &'static Location<'static>,
) -> Reply {
    match interceptor::perform(action, handle, location) {
        Some(reply) => reply,
        None => suspend(action, handle, location),
    }
}

/// Suspends the calling task until the executor has performed `action` for it; returns the reply.
///
/// A task that is suspended here goes on only with a reply to this very operation. An execution that cannot go on
/// leaves its tasks suspended for good.
#[inline]
pub(in crate::executor) fn suspend(
    action: Action,
    handle: Option<Handle>,
    location: &'static Location<'static>,
) -> Reply {
    if let Some(handle) = handle {
        refuse_freed(handle.execution.number(), location);
    }
    let (yielder, dropped) = with(|session| {
        if session.phase != Phase::Running {
            outside();
        }
        let object = handle.map(|handle| session.object(handle));
        let task = session.current;
        let dropped = object.and_then(|object| session.lives.touch(object, task));
        // The drop of a reference has no line of its own.
        if action != Action::ReferenceDrop {
            session.lives.comes_by(task, location);
        }
        if dropped.is_none() {
            session.pending[usize::from(task.0)] = Operation { action, object, location };
        }
        session.note_panicking(panicking());
        (session.yielders[usize::from(task.0)], dropped)
    });
    if let Some(dropped) = dropped {
        refuse_ended(dropped, location);
    }
    heartbeat::operation(location);
    SUSPENSIONS.set(SUSPENSIONS.get().wrapping_add(1));
    if !standing::take_noted() {
        standing::note();
        standing::take_noted();
    }
    let memory = arena::standing();
    // SAFETY: the yielder lives at the root of the coroutine that is running this very call, and the session
    // names the coroutine that is running.
    let reply = unsafe { (*yielder).suspend(Pause::Operation) };
    arena::set_standing(memory);
    reply
}

/// Tells the executor of an access to a cell, before it is made: if it is a data race, the task does not go on.
#[inline]
pub(in crate::executor) fn observe(action: Action, handle: Handle, location: &'static Location<'static>) {
    refuse_freed(handle.execution.number(), location);
    handle.check();
    if interceptor::hides(action, Some(handle), location) {
        return;
    }
    let (yielder, dropped) = with(|session| {
        let object = session.object(handle);
        let dropped = session.lives.touch(object, session.current);
        session.lives.comes_by(session.current, location);
        if dropped.is_none() {
            session.push(Event::Observed(Operation { action, object: Some(object), location }));
        }
        (session.yielders[usize::from(session.current.0)], dropped)
    });
    if let Some(dropped) = dropped {
        refuse_ended(dropped, location);
    }
    let memory = arena::standing();
    // SAFETY: as in `suspend`.
    let _ = unsafe { (*yielder).suspend(Pause::Told) };
    arena::set_standing(memory);
}

/// Ends the execution because the calling task has come to a limit.
#[cold]
pub(super) fn exceed(bound: Bound) -> ! {
    with(|session| session.exceeded = Some(bound));
    forever()
}

/// Ends the execution because of what the arena was told, if the calling thread is a task of one.
#[cold]
pub(in crate::executor) fn stop() {
    if is_running() {
        forever();
    }
}

/// Suspends the calling task for good.
fn forever() -> ! {
    loop {
        // The executor does not resume it.
        let _ = suspend(Action::Yield, None, Location::caller());
    }
}

/// What an object of the runtime remembers of itself, which is `word`: refused, if that was read from freed memory.
#[inline]
pub(in crate::executor) fn refuse_freed(word: u64, location: &'static Location<'static>) {
    if let Some(trouble) = arena::use_after_free(word, location) {
        arena::tell(trouble);
        stop();
    }
}
