//! What time it is, for each modelled thread.
//!
//! A thread has a clock of its own, so that looking at it is no operation and orders nothing. It begins where the clock of the
//! thread that started it stood, and a join sets it forward to that of the thread that has ended.

use core::panic::Location;

use super::super::controller::TASKS_MAX;
use super::{current, with};
use crate::executor::standing;
use crate::operation::TaskId;

/// Nothing comes before this: whoever takes an hour away from the present does not fall out of time.
const BEGINNING: u64 = 1 << 61;

/// By how much, as a power of two, a look at the clock moves it more than the look before at the same line: a loop that
/// looks until a deadline has come ends after a few turns.
const GROWTH: u32 = 5;

/// A look moves the clock by this power of two at most.
const LEAP_MAX: u32 = 40;

/// The clocks of an execution.
#[derive(Debug)]
pub(super) struct Clocks {
    tasks: [Clock; TASKS_MAX],
    /// Whether no time runs out in this execution.
    stand_still: bool,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    /// In nanoseconds.
    now: u64,
    /// Where it was looked at last, as an address.
    place: usize,
    leap: u32,
}

impl Clocks {
    pub(super) const fn new() -> Self {
        Clocks { tasks: [Clock { now: BEGINNING, place: 0, leap: 0 }; TASKS_MAX], stand_still: false }
    }

    pub(super) fn starts(&mut self, parent: TaskId, child: TaskId) {
        self.tasks[usize::from(child.0)] =
            Clock { now: self.tasks[usize::from(parent.0)].now, place: 0, leap: 0 };
    }

    pub(super) fn joins(&mut self, task: TaskId, child: TaskId) {
        let ended = self.tasks[usize::from(child.0)].now;
        let now = &mut self.tasks[usize::from(task.0)].now;
        *now = (*now).max(ended);
    }
}

/// The calling task looks at its clock. No two looks see the same time.
pub(in crate::executor) fn now(at: &'static Location<'static>) -> u64 {
    // The clock is not on the task's stack: a turn of a loop that looks at it is no repetition.
    standing::touched();
    let task = current();
    with(|session| {
        let clock = &mut session.clocks.tasks[usize::from(task.0)];
        let place = core::ptr::from_ref(at).addr();
        clock.leap = if clock.place == place { (clock.leap + GROWTH).min(LEAP_MAX) } else { 0 };
        clock.place = place;
        clock.now += 1 << clock.leap;
        clock.now
    })
}

/// So many nanoseconds go by for the calling task. Only who looks can tell.
pub(in crate::executor) fn passes(nanoseconds: u64) {
    let task = current();
    with(|session| {
        let clock = &mut session.clocks.tasks[usize::from(task.0)];
        clock.now = clock.now.saturating_add(nanoseconds);
    });
}

/// No time runs out from here to the end of the execution.
pub(in crate::executor) fn stand_still() {
    let _ = current();
    with(|session| session.clocks.stand_still = true);
}

/// Whether no time runs out.
pub(in crate::executor) fn stands_still() -> bool {
    with(|session| session.clocks.stand_still)
}
