//! Waits with a time, and the clock, for the modules in the shape of the standard library.

use core::time::Duration;

use super::raw::At;
use crate::executor::session;
use crate::executor::standing;
use crate::operation::Action;

/// Takes the calling task's token if it has come. Says whether the time was over before.
pub(crate) fn park_timed(at: At) -> bool {
    if session::stands_still() {
        let _ = session::perform(Action::Park, None, at);
        return false;
    }
    session::perform(Action::ParkTimed, None, at).is_err()
}

/// What time it is for the calling task, in nanoseconds.
pub(crate) fn now(at: At) -> u64 {
    session::now(at)
}

/// So much time goes by for the calling task.
pub(crate) fn pass(time: Duration) {
    session::passes(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
}

/// A wait of the calling task was in vain: so much time has gone by. A loop that waits again and again goes round, as one that
/// yields does.
pub(crate) fn pass_in_vain(time: Duration, at: At) {
    let _ = session::perform(Action::Yield, None, at);
    pass(time);
}

/// Whether no time runs out.
pub(crate) fn stands_still() -> bool {
    session::stands_still()
}

/// No time runs out from here to the end of the execution.
pub(crate) fn stand_still() {
    session::stand_still();
}

/// The task that runs may change memory that the executor does not see.
pub(crate) fn touched() {
    standing::touched();
}
