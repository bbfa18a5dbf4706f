//! Faults of marking a [`Locked`].

use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::request::Mark;
use crate::requests::Locked;
use crate::requests::locked::{Phase, Protocol};
use crate::rule::Rule;
use crate::runtime::{Mutex, Runtime};

use super::super::{About, Fault};

/// Mark does not look at the cancel flag.
#[derive(Debug)]
pub struct IgnoresEarlyCancel;

impl Protocol for IgnoresEarlyCancel {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.inner().lock();
        if inner.phase != Phase::Pending {
            return Mark::Refused(Self::why_not_markable(inner.phase));
        }
        inner.arm(callback);
        Mark::Marked
    }
}
impl Fault for IgnoresEarlyCancel {
    const ABOUT: About = About {
        name: "locked-loses-early-cancel",
        edit: "mark does not check whether a cancel was asked for before",
        breaks: Rule::NoLostCancel,
        scenario: "cancel-then-mark",
        origin: "specification I7",
        ..About::of("locked")
    };
}

/// Mark checks in one critical section and stores in another, so a cancel in between is lost.
#[derive(Debug)]
pub struct ChecksThenArms;

impl Protocol for ChecksThenArms {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let (phase, cancel_asked) = {
            let inner = request.inner().lock();
            (inner.phase, inner.cancel_asked)
        };
        match phase {
            Phase::Pending if cancel_asked => {
                request.inner().lock().phase = Phase::Promised;
                Self::call_back(request, Arc::new(callback));
            }
            Phase::Pending => request.inner().lock().arm(callback),
            other => return Mark::Refused(Self::why_not_markable(other)),
        }
        Mark::Marked
    }
}
impl Fault for ChecksThenArms {
    const ABOUT: About = About {
        name: "locked-checks-then-arms",
        edit: "mark lets go of the lock between looking and storing",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "talex-touch/tuff issue 840: a waiter registers after its check, and the one cancel in \
                 between is lost",
        ..About::of("locked")
    };
}

/// A second mark is accepted and has no effect.
#[derive(Debug)]
pub struct IgnoresTheSecondMark;

impl Protocol for IgnoresTheSecondMark {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.inner().lock();
        match inner.phase {
            Phase::Pending if !inner.cancel_asked => inner.arm(callback),
            Phase::Pending => {
                inner.phase = Phase::Promised;
                drop(inner);
                Self::call_back(request, Arc::new(callback));
            }
            Phase::Cancelable => {}
            other => return Mark::Refused(Self::why_not_markable(other)),
        }
        Mark::Marked
    }
}
impl Fault for IgnoresTheSecondMark {
    const ABOUT: About = About {
        name: "locked-ignores-the-second-mark",
        edit: "mark of a marked request answers marked and drops its callback",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-mark-twice",
        origin: "specification 2.4, MarkCancelable in A: the call silently has no effect",
        ..About::of("locked")
    };
}

/// A mark after the callback is accepted and has no effect.
#[derive(Debug)]
pub struct MarksClaimed;

impl Protocol for MarksClaimed {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.inner().lock();
        match inner.phase {
            Phase::Pending if !inner.cancel_asked => inner.arm(callback),
            Phase::Pending => {
                inner.phase = Phase::Promised;
                drop(inner);
                Self::call_back(request, Arc::new(callback));
            }
            Phase::Promised | Phase::Notified => {}
            other => return Mark::Refused(Self::why_not_markable(other)),
        }
        Mark::Marked
    }
}
impl Fault for MarksClaimed {
    const ABOUT: About = About {
        name: "locked-marks-claimed",
        edit: "mark of a claimed request answers marked and drops its callback",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-mark-after-claim",
        origin: "specification I20: after a claim, only completion is left",
        ..About::of("locked")
    };
}

/// A mark that was refused because of a cancel is stored all the same, and the next cancel calls it back.
#[derive(Debug)]
pub struct DeliversTheRefusedMark;

impl Protocol for DeliversTheRefusedMark {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let mut inner = request.inner().lock();
        if inner.phase != Phase::Pending {
            return Mark::Refused(Self::why_not_markable(inner.phase));
        }
        inner.arm(callback);
        if inner.cancel_asked { Mark::Canceled } else { Mark::Marked }
    }
}
impl Fault for DeliversTheRefusedMark {
    const ABOUT: About = About {
        name: "locked-delivers-the-refused-mark",
        edit: "a refused mark is stored like an accepted one",
        breaks: Rule::ExactlyOnce,
        scenario: "cancel-mark-refused-cancel",
        origin: "specification Appendix C: MarkCancelableEx refusal leaves C set and later delivers (R2)",
        contract: Contract::KMDF_EX,
        ..About::of("locked")
    };
}
