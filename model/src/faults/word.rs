//! Faults of [`Word`](crate::requests::Word): each overrides one transition or one call.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::{About, Fault, Sight};
use crate::machine::Misuse;
use crate::request::Unmark;
use crate::requests::word::state::{
    Claim, End, Phase, Publish, Reserve, Transitions, Withdraw, Word as StateWord,
};
use crate::requests::word::{Protocol, Word};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

/// Completion of a marked request is accepted and leaves the mark standing, so a later cancel still calls back.
#[derive(Debug)]
pub struct CompletesAndStaysMarked;

impl Transitions for CompletesAndStaysMarked {
    fn end(state: &impl Atomic<u8>) -> End {
        match Self::look(state).phase() {
            Phase::Cancelable => End::Ended,
            _ => <crate::requests::word::Reference as Transitions>::end(state),
        }
    }
}
impl Protocol for CompletesAndStaysMarked {}
impl Fault for CompletesAndStaysMarked {
    const ABOUT: About = About {
        name: "word-fires-after-completion",
        edit: "complete answers completed on a marked request without leaving the cancelable phase",
        breaks: Rule::NeverAfterCompletion,
        scenario: "complete-while-marked-then-cancel",
        needs: Sight::Order,
    };
}

/// Publishing does not look whether a cancel came while the slot was being filled.
#[derive(Debug)]
pub struct PublishesWithoutLooking;

impl Transitions for PublishesWithoutLooking {
    fn publish(state: &impl Atomic<u8>) -> Publish {
        state.fetch_xor(Phase::Marking as u8 ^ Phase::Cancelable as u8, Release);
        Publish::Published
    }
}
impl Protocol for PublishesWithoutLooking {}
impl Fault for PublishesWithoutLooking {
    const ABOUT: About = About {
        name: "word-loses-cancel-during-mark",
        edit: "publish is an unconditional exclusive or instead of a compare-exchange",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        needs: Sight::Order,
    };
}

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
        needs: Sight::HappensBefore,
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
        needs: Sight::Order,
    };
}

/// Ending is a check and then an act, so two completions can both be accepted.
#[derive(Debug)]
pub struct ChecksThenEnds;

impl Transitions for ChecksThenEnds {
    fn end(state: &impl Atomic<u8>) -> End {
        match Self::look(state).phase() {
            Phase::Pending | Phase::Notified => {
                state.swap(Phase::Completed as u8, Relaxed);
                End::Ended
            }
            _ => End::Refused(Misuse::AlreadyCompleted),
        }
    }
}
impl Protocol for ChecksThenEnds {}
impl Fault for ChecksThenEnds {
    const ABOUT: About = About {
        name: "word-completes-twice",
        edit: "end reads the state and then exchanges it, instead of comparing",
        breaks: Rule::SingleCompletion,
        scenario: "two-completions",
        needs: Sight::Order,
    };
}

/// A marked request can be completed without unmarking it.
#[derive(Debug)]
pub struct CompletesWhileCancelable;

impl Transitions for CompletesWhileCancelable {
    fn end(state: &impl Atomic<u8>) -> End {
        let (from, to) = (Phase::Cancelable as u8, Phase::Completed as u8);
        match state.compare_exchange(from, to, Relaxed, Relaxed) {
            Ok(_) => End::Ended,
            Err(_) => <crate::requests::word::Reference as Transitions>::end(state),
        }
    }
}
impl Protocol for CompletesWhileCancelable {}
impl Fault for CompletesWhileCancelable {
    const ABOUT: About = About {
        name: "word-accepts-completion-while-cancelable",
        edit: "end allows the step from cancelable to completed",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-complete-while-cancelable",
        needs: Sight::Order,
    };
}

/// Unmark waits for the callback by spinning, also when the callback itself unmarks.
#[derive(Debug)]
pub struct SpinsInUnmark;

impl Transitions for SpinsInUnmark {}
impl Protocol for SpinsInUnmark {
    fn unmark<R: Runtime>(request: &Word<R, Self>) -> Unmark {
        loop {
            let answer = match Self::withdraw(request.state()) {
                Withdraw::Claimed => {
                    R::yield_now();
                    continue;
                }
                Withdraw::Refused(misuse) => Unmark::Refused(misuse),
                Withdraw::Withdrawn => {
                    let callback = request.empty_slot();
                    Self::give_back(request.state());
                    drop(callback);
                    Unmark::Unmarked
                }
            };
            return answer;
        }
    }
}
impl Fault for SpinsInUnmark {
    const ABOUT: About = About {
        name: "word-spins-in-unmark",
        edit: "unmark retries until the callback has completed the request, instead of answering canceled",
        breaks: Rule::BoundedSteps,
        scenario: "marked-cancel-reentrant",
        needs: Sight::Order,
    };
}

/// The slot is reserved without acquiring, so a second mark may write it while the first one's unmark empties it.
#[derive(Debug)]
pub struct ReservesRelaxed;

impl Transitions for ReservesRelaxed {
    fn reserve(state: &impl Atomic<u8>) -> Reserve {
        match state.compare_exchange(Phase::Pending as u8, Phase::Marking as u8, Relaxed, Relaxed) {
            Ok(_) => Reserve::Reserved,
            Err(found) if found == Phase::Pending as u8 | StateWord::CANCEL => Reserve::CancelAsked,
            Err(_) => Reserve::Refused(Misuse::AlreadyMarked),
        }
    }
}
impl Protocol for ReservesRelaxed {}
impl Fault for ReservesRelaxed {
    const ABOUT: About = About {
        name: "word-reserves-relaxed",
        edit: "reserving the slot is relaxed instead of acquire",
        breaks: Rule::Publication,
        scenario: "two-drivers-mark-and-unmark",
        needs: Sight::HappensBefore,
    };
}
