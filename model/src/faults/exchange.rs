//! Faults of [`Exchange`](crate::requests::Exchange): each overrides one step.

use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use super::{About, Fault, Sight};
use crate::callback::Callback;
use crate::machine::Misuse;
use crate::request::{Mark, Unmark};
use crate::requests::Exchange;
use crate::requests::exchange::{COMPLETED, MARKED, Protocol};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

/// The marker looks at the cancel bit before it publishes the routine.
#[derive(Debug)]
pub struct LooksBeforePublishing;

impl Protocol for LooksBeforePublishing {
    fn mark<R: Runtime>(request: &Exchange<R, Self>, callback: Callback) -> Mark {
        let before = Self::set_marked(request.flags());
        if before & COMPLETED != 0 {
            return Mark::Refused(Misuse::AlreadyCompleted);
        }
        if before & MARKED != 0 {
            return Mark::Refused(Misuse::AlreadyMarked);
        }
        if Self::sees_cancel(request.flags()) {
            return Self::mark_canceled(request, &callback);
        }
        Self::publish(request.routine(), callback);
        Mark::Marked
    }
}
impl Fault for LooksBeforePublishing {
    const ABOUT: About = About {
        name: "exchange-looks-before-publishing",
        edit: "mark reads the cancel bit before it publishes the routine",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        needs: Sight::Order,
    };
}

/// Unmark grants although the exchange found no routine.
#[derive(Debug)]
pub struct GrantsWithoutRoutine;

impl Protocol for GrantsWithoutRoutine {
    fn unmark<R: Runtime>(request: &Exchange<R, Self>) -> Unmark {
        let flags = request.flags().load(Relaxed);
        if flags & COMPLETED != 0 {
            return Unmark::Refused(Misuse::AlreadyCompleted);
        }
        if flags & MARKED == 0 {
            return Unmark::Refused(Misuse::NotMarked);
        }
        drop(Self::take(request.routine()));
        Self::clear_marked(request.flags());
        Unmark::Unmarked
    }
}
impl Fault for GrantsWithoutRoutine {
    const ABOUT: About = About {
        name: "exchange-grants-without-routine",
        edit: "unmark ignores what the exchange returned and always grants",
        breaks: Rule::TruthfulUnmark,
        scenario: "marked-finish-cancel",
        needs: Sight::Order,
    };
}

/// Unmark refuses although it has taken the routine out.
#[derive(Debug)]
pub struct RefusesWithRoutine;

impl Protocol for RefusesWithRoutine {
    fn unmark<R: Runtime>(request: &Exchange<R, Self>) -> Unmark {
        let flags = request.flags().load(Relaxed);
        if flags & (COMPLETED | MARKED) != MARKED {
            return Unmark::Refused(Misuse::NotMarked);
        }
        drop(Self::take(request.routine()));
        Unmark::Canceled
    }
}
impl Fault for RefusesWithRoutine {
    const ABOUT: About = About {
        name: "exchange-refuses-with-routine",
        edit: "unmark ignores what the exchange returned and always answers canceled",
        breaks: Rule::TruthfulUnmark,
        scenario: "mark-unmark",
        needs: Sight::Order,
    };
}

/// The routine changes hands without ordering.
#[derive(Debug)]
pub struct TakesRelaxed;

impl Protocol for TakesRelaxed {
    fn take(routine: &impl Atomic<usize>) -> Option<Box<Callback>> {
        match routine.swap(0, Relaxed) {
            0 => None,
            // SAFETY: the pointer came from `Box::into_raw` in `publish`, and the exchange that returned it removed
            // it from the slot, so no other thread gets it. That its contents are visible is what the fault breaks:
            // only platforms on which modelled threads share one real thread may run it.
            pointer => Some(unsafe { Box::from_raw(ptr::with_exposed_provenance_mut(pointer)) }),
        }
    }
}
impl Fault for TakesRelaxed {
    const ABOUT: About = About {
        name: "exchange-takes-relaxed",
        edit: "taking the routine is relaxed instead of acquire-release",
        breaks: Rule::Publication,
        scenario: "mark-cancel",
        needs: Sight::HappensBefore,
    };
}
