//! Faults of canceling and calling back a [`Word`].

use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::request::Cancel;
use crate::requests::word::Word;
use crate::requests::word::state::{Claim, Phase, Transitions, Word as StateWord};
use crate::requests::word::{Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// The claim does not acquire, so the claimer may call what the marker has not finished writing.
#[derive(Debug)]
pub struct ClaimsRelaxed;

impl Transitions for ClaimsRelaxed {
    fn claim(state: &impl Atomic<u8>) -> Claim {
        let before = StateWord::from_bits(state.fetch_or(StateWord::CANCEL, Relaxed));
        match before.phase() {
            Phase::Completed => Claim::NotFound,
            Phase::Cancelable if !before.is_cancel_asked() => Claim::Claimed,
            _ => Claim::NotClaimed,
        }
    }
}
impl Protocol for ClaimsRelaxed {}
impl Fault for ClaimsRelaxed {
    const ABOUT: About = About {
        name: "word-claims-relaxed",
        edit: "the claim is relaxed instead of acquire",
        breaks: Rule::Publication,
        scenario: "mark-cancel",
        origin: "specification R15",
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// The claim is a check and then an act, so a mark that comes in between is not seen.
#[derive(Debug)]
pub struct ChecksThenClaims;

impl Transitions for ChecksThenClaims {
    fn claim(state: &impl Atomic<u8>) -> Claim {
        let before = Self::look(state);
        state.fetch_or(StateWord::CANCEL, Acquire);
        match before.phase() {
            Phase::Completed => Claim::NotFound,
            Phase::Cancelable if !before.is_cancel_asked() => Claim::Claimed,
            _ => Claim::NotClaimed,
        }
    }
}
impl Protocol for ChecksThenClaims {}
impl Fault for ChecksThenClaims {
    const ABOUT: About = About {
        name: "word-checks-then-claims",
        edit: "the claim reads the state before it sets the cancel bit, and decides by what it read",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "specification R1 and I7",
        ..About::of("word")
    };
}

/// A cancel of a request that is not marked is answered as if the request had ended.
#[derive(Debug)]
pub struct FindsNothing;

impl Transitions for FindsNothing {
    fn claim(state: &impl Atomic<u8>) -> Claim {
        match Reference::claim(state) {
            Claim::NotClaimed => Claim::NotFound,
            other => other,
        }
    }
}
impl Protocol for FindsNothing {}
impl Fault for FindsNothing {
    const ABOUT: About = About {
        name: "word-finds-nothing",
        edit: "every cancel that claims nothing is answered not found",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-is-canceled",
        origin: "specification 5.1: not found means that nothing was pending any more",
        ..About::of("word")
    };
}

/// The callback is called before the state says so, so its own completion is refused.
#[derive(Debug)]
pub struct StartsAfterCalling;

impl Transitions for StartsAfterCalling {}
impl Protocol for StartsAfterCalling {
    fn cancel<R: Runtime>(request: &Word<R, Self>) -> Cancel {
        match Self::claim(request.state()) {
            Claim::Claimed => {
                Self::call_back(request);
                Self::start_claimed(request.state());
                Cancel::Claimed
            }
            Claim::NotClaimed => Cancel::NotClaimed,
            Claim::NotFound => Cancel::NotFound,
        }
    }
}
impl Fault for StartsAfterCalling {
    const ABOUT: About = About {
        name: "word-starts-after-calling",
        edit: "cancel calls back first and leaves the claimed phase afterwards",
        breaks: Rule::RequestCompleted,
        scenario: "marked-cancel",
        origin: "specification 2.4, complete in N: normal, inside or after the callback",
        ..About::of("word")
    };
}

/// The callback object is given back before it is called.
#[derive(Debug)]
pub struct ReleasesThenCalls;

impl Transitions for ReleasesThenCalls {}
impl Protocol for ReleasesThenCalls {
    fn call_back<R: Runtime>(request: &Word<R, Self>) {
        let target = request.read_slot();
        drop(request.empty_slot());
        if let Some(target) = target {
            target.invoke();
        }
    }
}
impl Fault for ReleasesThenCalls {
    const ABOUT: About = About {
        name: "word-releases-then-calls",
        edit: "calling back empties the slot first and invokes afterwards",
        breaks: Rule::CallbackReleased,
        scenario: "marked-cancel",
        origin: "specification Appendix C: dispatcher drops the reference before the call (I9)",
        ..About::of("word")
    };
}

/// A callback that panics is never given back.
#[derive(Debug)]
pub struct ForgetsTheObjectOnPanic;

impl Transitions for ForgetsTheObjectOnPanic {}
impl Protocol for ForgetsTheObjectOnPanic {
    fn call_back<R: Runtime>(request: &Word<R, Self>) {
        if let Some(target) = request.read_slot() {
            target.invoke();
        }
        drop(request.empty_slot());
    }
}
impl Fault for ForgetsTheObjectOnPanic {
    const ABOUT: About = About {
        name: "word-forgets-the-object-on-panic",
        edit: "calling back does not run to its end when the callback panics",
        breaks: Rule::CallbackReleased,
        scenario: "marked-cancel-panics",
        origin: "specification 2.5: the reference is dropped after the callback, however it ends",
        ..About::of("word")
    };
}
