//! Faults of completing an [`Exchange`] and of asking it.

use core::sync::atomic::Ordering::Relaxed;

use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::{Complete, IsCanceled};
use crate::requests::exchange::{CANCEL, COMPLETED, Exchange, MARKED, NOTIFIED, Protocol};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// Completion is a check and then an act, so two completions can both be accepted.
#[derive(Debug)]
pub struct ChecksThenCompletes;

impl Protocol for ChecksThenCompletes {
    fn complete<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        let flags = request.flags().load(Relaxed);
        if flags & COMPLETED != 0 {
            return Complete::Refused(Misuse::AlreadyCompleted);
        }
        if flags & MARKED != 0 && flags & NOTIFIED == 0 {
            return Self::complete_marked(request);
        }
        request.flags().fetch_or(COMPLETED, Relaxed);
        Complete::Completed
    }
}
impl Fault for ChecksThenCompletes {
    const ABOUT: About = About {
        name: "exchange-checks-then-completes",
        edit: "complete reads the flags and then sets its own, instead of comparing",
        breaks: Rule::SingleCompletion,
        scenario: "two-completions",
        origin: "Cloudef/zig-aio issue 52: cancel and completion race, and both finish the operation",
        ..About::of("exchange")
    };
}

/// A marked request can be completed without unmarking it.
#[derive(Debug)]
pub struct CompletesMarked;

impl Protocol for CompletesMarked {
    fn complete<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        match request.flags().fetch_or(COMPLETED, Relaxed) & COMPLETED {
            0 => Complete::Completed,
            _ => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }
}
impl Fault for CompletesMarked {
    const ABOUT: About = About {
        name: "exchange-completes-marked",
        edit: "complete looks at the completed flag only",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-complete-while-cancelable",
        origin: "specification R11 and V6; Driver Verifier 0xC9/0x07",
        ..About::of("exchange")
    };
}

/// A completion that should take the mark with it leaves the routine in the slot.
#[derive(Debug)]
pub struct ForgetsTheRoutine;

impl Protocol for ForgetsTheRoutine {
    fn complete_marked<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        match request.flags().fetch_or(COMPLETED, Relaxed) & COMPLETED {
            0 => Complete::Completed,
            _ => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }
}
impl Fault for ForgetsTheRoutine {
    const ABOUT: About = About {
        name: "exchange-forgets-the-routine",
        edit: "completion of a marked request does not take the routine",
        breaks: Rule::CallbackReleased,
        scenario: "misuse-complete-while-cancelable",
        origin: "specification 2.4, complete in A: the reference leaks",
        contract: Contract::SCOPED,
        ..About::of("exchange")
    };
}

/// Completion of a marked request waits until somebody unmarks it.
#[derive(Debug)]
pub struct WaitsToComplete;

impl Protocol for WaitsToComplete {
    fn complete<R: Runtime>(request: &Exchange<R, Self>) -> Complete {
        loop {
            let flags = request.flags().load(Relaxed);
            if flags & COMPLETED != 0 {
                return Complete::Refused(Misuse::AlreadyCompleted);
            }
            let is_open = flags & MARKED == 0 || flags & NOTIFIED != 0;
            if is_open && request.flags().compare_exchange(flags, flags | COMPLETED, Relaxed, Relaxed).is_ok()
            {
                return Complete::Completed;
            }
            R::yield_now();
        }
    }
}
impl Fault for WaitsToComplete {
    const ABOUT: About = About {
        name: "exchange-waits-to-complete",
        edit: "complete retries a marked request instead of refusing it",
        breaks: Rule::BoundedSteps,
        scenario: "misuse-complete-while-cancelable",
        needs: Sight::Endlessness,
        origin: "specification V6: the check answers, it does not wait",
        ..About::of("exchange")
    };
}

/// Is-canceled looks whether a callback was made instead of whether a cancel was asked for.
#[derive(Debug)]
pub struct AsksTheWrongBit;

impl Protocol for AsksTheWrongBit {
    fn is_canceled<R: Runtime>(request: &Exchange<R, Self>) -> IsCanceled {
        let flags = request.flags().load(Relaxed);
        match (flags & COMPLETED != 0, flags & NOTIFIED != 0 && flags & MARKED == 0) {
            (true, _) => IsCanceled::Refused(Misuse::AlreadyCompleted),
            (false, true) => IsCanceled::Yes,
            (false, false) => IsCanceled::No,
        }
    }
}
impl Fault for AsksTheWrongBit {
    const ABOUT: About = About {
        name: "exchange-asks-the-wrong-bit",
        edit: "is-canceled reads the notified flag instead of the cancel bit",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-is-canceled",
        origin: "specification 2.4, IsCanceled in O: K or M",
        ..About::of("exchange")
    };
}

/// Is-canceled answers about a request that has ended.
#[derive(Debug)]
pub struct AsksTheDead;

impl Protocol for AsksTheDead {
    fn is_canceled<R: Runtime>(request: &Exchange<R, Self>) -> IsCanceled {
        let flags = request.flags().load(Relaxed);
        match (flags & MARKED != 0, flags & CANCEL != 0) {
            (true, _) => IsCanceled::Refused(Self::why_refused(request)),
            (false, true) => IsCanceled::Yes,
            (false, false) => IsCanceled::No,
        }
    }
}
impl Fault for AsksTheDead {
    const ABOUT: About = About {
        name: "exchange-asks-the-dead",
        // UMDF 1 is documented to answer "no" there.
        contract: Contract::KMDF,
        edit: "is-canceled does not check whether the request has ended",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-calls-after-completion",
        origin: "specification V7 and 2.4, IsCanceled in D",
        ..About::of("exchange")
    };
}

/// A completion of a cancelable request is refused with the reason for a completion after the claim.
#[derive(Debug)]
pub struct SaysPromised;

impl Protocol for SaysPromised {
    fn why_not_completable<R: Runtime>(_request: &Exchange<R, Self>) -> Misuse {
        Misuse::CallbackPromised
    }
}
impl Fault for SaysPromised {
    const ABOUT: About = About {
        name: "exchange-says-promised",
        edit: "every refused completion of a marked request is said to precede a promised callback",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-complete-while-cancelable",
        origin: "specification V6 and V8 are two checks",
        ..About::of("exchange")
    };
}
