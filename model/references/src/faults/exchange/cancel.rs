//! Faults of canceling and calling back an [`Exchange`].

use core::cell::Cell;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::Arc;

use crate::callback::Callback;
use crate::request::Cancel;
use crate::requests::exchange::{CANCEL, COMPLETED, Exchange, NONE, NOTIFIED, Protocol};
use crate::requests::turnstile::call_and_finish;
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// The canceler takes the routine first and sets the bit second, so a mark in between is lost.
#[derive(Debug)]
pub struct TakesBeforeSetting;

impl Protocol for TakesBeforeSetting {
    fn cancel<R: Runtime>(request: &Exchange<R, Self>) -> Cancel {
        let taken = Self::take(request);
        let before = Self::set_cancel(request.flags());
        match taken {
            Some(callback) => {
                Self::call_back(request, callback);
                Cancel::Claimed
            }
            None if before & COMPLETED != 0 => Cancel::NotFound,
            None => Cancel::NotClaimed,
        }
    }
}
impl Fault for TakesBeforeSetting {
    const ABOUT: About = About {
        name: "exchange-takes-before-setting",
        edit: "cancel exchanges the routine first and sets the cancel bit afterwards",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "specification 2.2: publish R, then read K, against set K, then take R",
        ..About::of("exchange")
    };
}

/// A second canceler leaves the routine to the first, who may not have come to it yet.
#[derive(Debug)]
pub struct TrustsTheBit;

impl Protocol for TrustsTheBit {
    fn cancel<R: Runtime>(request: &Exchange<R, Self>) -> Cancel {
        let before = Self::set_cancel(request.flags());
        if before & COMPLETED != 0 {
            return Cancel::NotFound;
        }
        if before & CANCEL != 0 {
            return Cancel::NotClaimed;
        }
        match Self::take(request) {
            None => Cancel::NotClaimed,
            Some(callback) => {
                Self::call_back(request, callback);
                Cancel::Claimed
            }
        }
    }
}
impl Fault for TrustsTheBit {
    const ABOUT: About = About {
        name: "exchange-trusts-the-bit",
        edit: "a canceler that finds the bit set answers without exchanging the routine",
        breaks: Rule::Linearizable,
        scenario: "marked-cancel-finish-cancel",
        origin: "an earlier version of this very request; specification R10",
        ..About::of("exchange")
    };
}

/// The routine changes hands without ordering.
#[derive(Debug)]
pub struct TakesRelaxed;

impl Protocol for TakesRelaxed {
    fn take<R: Runtime>(request: &Exchange<R, Self>) -> Option<Arc<Callback>> {
        match request.routine().swap(NONE, Relaxed) {
            NONE => None,
            _ => request.stored().take(),
        }
    }
}
impl Fault for TakesRelaxed {
    const ABOUT: About = About {
        name: "exchange-takes-relaxed",
        edit: "taking the routine is relaxed instead of acquire-release",
        breaks: Rule::Publication,
        scenario: "mark-cancel",
        origin: "specification R15",
        needs: Sight::HappensBefore,
        ..About::of("exchange")
    };
}

/// The canceler's exchange does not release its bit, so a marker that comes second may not see it.
#[derive(Debug)]
pub struct TakesWithoutRelease;

impl Protocol for TakesWithoutRelease {
    fn take<R: Runtime>(request: &Exchange<R, Self>) -> Option<Arc<Callback>> {
        match request.routine().swap(NONE, Acquire) {
            NONE => None,
            _ => request.stored().take(),
        }
    }
}
impl Fault for TakesWithoutRelease {
    const ABOUT: About = About {
        name: "exchange-takes-without-release",
        edit: "taking the routine is acquire instead of acquire-release",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "tokio-rs/tokio pull request 8138: flag and waiter list need both directions, so both \
                 sides read-modify-write",
        needs: Sight::WeakMemory,
        ..About::of("exchange")
    };
}

/// The routine is read and then removed, so two parties can both get it.
#[derive(Debug)]
pub struct TakesTwice;

impl Protocol for TakesTwice {
    fn take<R: Runtime>(request: &Exchange<R, Self>) -> Option<Arc<Callback>> {
        let read = match request.routine().load(Acquire) {
            NONE => None,
            _ => request.stored().clone(),
        };
        let removed = match request.routine().swap(NONE, AcqRel) {
            NONE => None,
            _ => request.stored().take(),
        };
        removed.or(read)
    }
}
impl Fault for TakesTwice {
    const ABOUT: About = About {
        name: "exchange-takes-twice",
        edit: "taking the routine is a load and a store instead of an exchange",
        breaks: Rule::ExactlyOnce,
        scenario: "mark-cancel-returns",
        origin: "specification Appendix C: purge pops without exchange (I1, I3)",
        ..About::of("exchange")
    };
}

/// The canceler calls the routine that it read, although a later mark has put another one in its place.
#[derive(Debug)]
pub struct CallsAStaleRoutine;

impl Protocol for CallsAStaleRoutine {
    fn take<R: Runtime>(request: &Exchange<R, Self>) -> Option<Arc<Callback>> {
        let read = match request.routine().load(Acquire) {
            NONE => None,
            _ => request.stored().clone(),
        };
        let removed = match request.routine().swap(NONE, AcqRel) {
            NONE => None,
            _ => request.stored().take(),
        };
        removed.map(|removed| read.unwrap_or(removed))
    }
}
impl Fault for CallsAStaleRoutine {
    const ABOUT: About = About {
        name: "exchange-calls-a-stale-routine",
        edit: "taking the routine reads it first and only checks that the exchange found some routine",
        breaks: Rule::TruthfulUnmark,
        scenario: "remark-and-leave-cancel",
        origin: "mitchellh/libxev issue 233: a cancel meant for one use of a completion hits the next one",
        ..About::of("exchange")
    };
}

/// The cancel bit is set by a load and a store, so flags that were cleared in between come back.
#[derive(Debug)]
pub struct SetsTheBitByStore;

impl Protocol for SetsTheBitByStore {
    fn set_cancel(flags: &impl Atomic<u8>) -> u8 {
        let before = flags.load(Relaxed);
        flags.swap(before | CANCEL, Relaxed);
        before
    }
}
impl Fault for SetsTheBitByStore {
    const ABOUT: About = About {
        name: "exchange-sets-the-bit-by-store",
        edit: "setting the cancel bit is a load and a store instead of a read-modify-write",
        breaks: Rule::RequestCompleted,
        scenario: "worker-finishes-cancel",
        origin: "specification R5 with K = 1: the canceler set the bit and lost the exchange",
        ..About::of("exchange")
    };
}

/// The callback is called before the flags say so, so its own completion is refused.
#[derive(Debug)]
pub struct NotifiesAfterCalling;

impl Protocol for NotifiesAfterCalling {
    fn call_back<R: Runtime>(request: &Exchange<R, Self>, callback: Arc<Callback>) {
        callback.invoke();
        request.flags().fetch_or(NOTIFIED, Relaxed);
    }
}
impl Fault for NotifiesAfterCalling {
    const ABOUT: About = About {
        name: "exchange-notifies-after-calling",
        edit: "the notified flag is set when the callback has returned",
        breaks: Rule::RequestCompleted,
        scenario: "marked-cancel",
        origin: "specification 2.4, complete in N",
        ..About::of("exchange")
    };
}

/// The claim is treated as the end of the mark, so the callback is told that the request is not marked.
#[derive(Debug)]
pub struct UnmarksBeforeCalling;

impl Protocol for UnmarksBeforeCalling {
    fn call_back<R: Runtime>(request: &Exchange<R, Self>, callback: Arc<Callback>) {
        request.flags().fetch_or(NOTIFIED, Relaxed);
        Self::clear_marked(request.flags());
        callback.invoke();
    }
}
impl Fault for UnmarksBeforeCalling {
    const ABOUT: About = About {
        name: "exchange-unmarks-before-calling",
        edit: "calling back clears the marked flag first",
        breaks: Rule::ReentrantCallback,
        scenario: "marked-cancel-reentrant",
        origin: "specification 2.4, UnmarkCancelable in N: refused as canceled, also inside the callback",
        ..About::of("exchange")
    };
}

/// When the callback panics the claim is undone, and nobody can complete the request any more.
#[derive(Debug)]
pub struct TakesTheClaimBackOnPanic;

impl Protocol for TakesTheClaimBackOnPanic {
    fn call_back<R: Runtime>(request: &Exchange<R, Self>, callback: Arc<Callback>) {
        request.flags().fetch_or(NOTIFIED, Relaxed);
        let target = callback.target();
        let returned = Cell::new(false);
        call_and_finish::<R>(
            || {
                target.invoke();
                returned.set(true);
            },
            || {
                drop(callback);
                if !returned.get() {
                    request.flags().fetch_and(!NOTIFIED, Relaxed);
                }
            },
        );
    }
}
impl Fault for TakesTheClaimBackOnPanic {
    const ABOUT: About = About {
        name: "exchange-takes-the-claim-back-on-panic",
        edit: "a panic of the callback clears the notified flag",
        breaks: Rule::RequestCompleted,
        scenario: "marked-cancel-panics",
        origin: "specification I6: every request is completed exactly once, whatever its callback does",
        ..About::of("exchange")
    };
}
