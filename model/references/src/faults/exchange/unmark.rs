//! Faults of unmarking an [`Exchange`], and of waiting for its callback.

use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::Unmark;
use crate::requests::exchange::{COMPLETED, Exchange, MARKED, NOTIFIED, Protocol};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

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
        drop(Self::take(request));
        Self::clear_marked(request.flags());
        Unmark::Unmarked
    }
}
impl Fault for GrantsWithoutRoutine {
    const ABOUT: About = About {
        name: "exchange-grants-without-routine",
        edit: "unmark ignores what the exchange returned and always grants",
        breaks: Rule::TruthfulUnmark,
        scenario: "marked-cancel-reentrant",
        origin: "specification Appendix C: disarm tests list membership only, no exchange (I3, I1)",
        ..About::of("exchange")
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
        drop(Self::take(request));
        Unmark::Canceled
    }
}
impl Fault for RefusesWithRoutine {
    const ABOUT: About = About {
        name: "exchange-refuses-with-routine",
        edit: "unmark ignores what the exchange returned and always answers canceled",
        breaks: Rule::TruthfulUnmark,
        scenario: "mark-unmark",
        origin: "specification I4: a refused disarm promises a callback",
        ..About::of("exchange")
    };
}

/// A granted unmark leaves the request marked, so it cannot be completed.
#[derive(Debug)]
pub struct LeavesMarked;

impl Protocol for LeavesMarked {
    fn clear_marked(_flags: &impl Atomic<u8>) {}
}
impl Fault for LeavesMarked {
    const ABOUT: About = About {
        name: "exchange-leaves-marked",
        edit: "the marked flag is not cleared after the routine was taken back",
        breaks: Rule::RequestCompleted,
        scenario: "mark-unmark",
        origin: "specification 2.2, disarm: on success clear DRIVER_CANCELABLE",
        ..About::of("exchange")
    };
}

/// A request that was never marked is answered like one whose cancel was first.
#[derive(Debug)]
pub struct UnmarksUnmarked;

impl Protocol for UnmarksUnmarked {
    fn unmark<R: Runtime>(request: &Exchange<R, Self>) -> Unmark {
        if request.flags().load(Relaxed) & COMPLETED != 0 {
            return Unmark::Refused(Misuse::AlreadyCompleted);
        }
        match Self::take(request) {
            None => Unmark::Canceled,
            Some(callback) => {
                Self::clear_marked(request.flags());
                drop(callback);
                Unmark::Unmarked
            }
        }
    }
}
impl Fault for UnmarksUnmarked {
    const ABOUT: About = About {
        name: "exchange-unmarks-unmarked",
        edit: "unmark does not check the marked flag",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-unmark-unmarked",
        origin: "specification A3: without the verifier the answer is STATUS_CANCELLED although no \
                 callback is coming",
        ..About::of("exchange")
    };
}

/// A granted unmark gives the callback object back twice.
#[derive(Debug)]
pub struct ReleasesTwice;

impl Protocol for ReleasesTwice {
    fn unmark<R: Runtime>(request: &Exchange<R, Self>) -> Unmark {
        let flags = request.flags().load(Relaxed);
        if flags & (COMPLETED | MARKED) != MARKED {
            return Unmark::Refused(Misuse::NotMarked);
        }
        match Self::take(request) {
            None => Unmark::Canceled,
            Some(callback) => {
                Self::clear_marked(request.flags());
                callback.target().release();
                Unmark::Unmarked
            }
        }
    }
}
impl Fault for ReleasesTwice {
    const ABOUT: About = About {
        name: "exchange-releases-twice",
        edit: "unmark releases the callback object by hand and then drops its reference",
        breaks: Rule::CallbackReleased,
        scenario: "mark-unmark",
        origin: "specification 2.5: each reference is dropped by exactly one party",
        ..About::of("exchange")
    };
}

/// The callback is said to have returned before it is called.
#[derive(Debug)]
pub struct ReturnsBeforeCalling;

impl Protocol for ReturnsBeforeCalling {
    fn call_back<R: Runtime>(request: &Exchange<R, Self>, callback: Arc<Callback>) {
        request.flags().fetch_or(NOTIFIED, Relaxed);
        if let Some(turnstile) = request.turnstile() {
            turnstile.enter();
            turnstile.leave(|| Self::note_return(request.flags()));
        }
        callback.invoke();
    }
}
impl Fault for ReturnsBeforeCalling {
    const ABOUT: About = About {
        name: "exchange-returns-before-calling",
        edit: "the return is announced before the callback is invoked",
        breaks: Rule::TruthfulUnmark,
        scenario: "worker-unmarks-cancel",
        origin: "dotnet/coreclr pull request 20145: callbacks about to run are off the list already, so \
                 Dispose does not wait",
        contract: Contract::SCOPED,
        ..About::of("exchange")
    };
}

/// Unmark waits for the callback by spinning, also when the callback itself unmarks.
#[derive(Debug)]
pub struct SpinsInItsOwnCallback;

impl Protocol for SpinsInItsOwnCallback {
    fn wait_for_return<R: Runtime>(request: &Exchange<R, Self>) {
        while request.turnstile().is_some() && !Self::has_returned(request.flags()) {
            R::yield_now();
        }
    }
}
impl Fault for SpinsInItsOwnCallback {
    const ABOUT: About = About {
        name: "exchange-spins-in-its-own-callback",
        edit: "the waiting unmark spins and does not ask on which thread the callback runs",
        breaks: Rule::BoundedSteps,
        scenario: "marked-cancel-reentrant",
        needs: Sight::Endlessness,
        origin: "dotnet/corefx issue 7198: disposing the registration inside its own callback",
        contract: Contract::SCOPED,
        ..About::of("exchange")
    };
}
