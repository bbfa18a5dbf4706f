//! Faults of marking a [`Word`].

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::callback::Callback;
use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::Mark;
use crate::requests::word::Word;
use crate::requests::word::state::{Phase, Publish, Reserve, Transitions, Word as StateWord};
use crate::requests::word::{Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// Reserving the slot is a check and then an act, so a cancel that comes in between is overwritten.
#[derive(Debug)]
pub struct ChecksThenReserves;

impl Transitions for ChecksThenReserves {
    fn reserve(state: &impl Atomic<u8>) -> Reserve {
        if Self::look(state) != StateWord::PENDING {
            return Reference::reserve(state);
        }
        state.swap(Phase::Marking as u8, Acquire);
        Reserve::Reserved
    }
}
impl Protocol for ChecksThenReserves {}
impl Fault for ChecksThenReserves {
    const ABOUT: About = About {
        name: "word-checks-then-reserves",
        edit: "reserve reads the state and then exchanges it, instead of comparing",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "specification R1 and I7",
        ..About::of("word")
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
        origin: "specification R1 (b): the window between publishing and reading the bit",
        ..About::of("word")
    };
}

/// Publishing is a check and then an act, so a cancel that comes in between is overwritten.
#[derive(Debug)]
pub struct ChecksThenPublishes;

impl Transitions for ChecksThenPublishes {
    fn publish(state: &impl Atomic<u8>) -> Publish {
        if Self::look(state).is_cancel_asked() {
            return Publish::CancelAsked;
        }
        state.swap(Phase::Cancelable as u8, Release);
        Publish::Published
    }
}
impl Protocol for ChecksThenPublishes {}
impl Fault for ChecksThenPublishes {
    const ABOUT: About = About {
        name: "word-checks-then-publishes",
        edit: "publish reads the state and then exchanges it, instead of comparing",
        breaks: Rule::NoLostCancel,
        scenario: "mark-cancel",
        origin: "talex-touch/tuff issue 840: a waiter registers after its check, and the one cancel in \
                 between is lost",
        ..About::of("word")
    };
}

/// The mark is published without releasing what was written before it.
#[derive(Debug)]
pub struct PublishesRelaxed;

impl Transitions for PublishesRelaxed {
    fn publish(state: &impl Atomic<u8>) -> Publish {
        let (from, to) = (Phase::Marking as u8, Phase::Cancelable as u8);
        match state.compare_exchange(from, to, Relaxed, Relaxed) {
            Ok(_) => Publish::Published,
            Err(_) => Publish::CancelAsked,
        }
    }
}
impl Protocol for PublishesRelaxed {}
impl Fault for PublishesRelaxed {
    const ABOUT: About = About {
        name: "word-publishes-relaxed",
        edit: "publish is relaxed instead of release",
        breaks: Rule::Publication,
        scenario: "mark-cancel",
        origin: "specification R15: what the handler stores must be stored before it arms",
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// The slot is reserved without acquiring, so a second mark may write it while the first one's unmark empties
/// it.
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
        origin: "specification R26",
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// A second mark is accepted and replaces the callback of the first.
#[derive(Debug)]
pub struct MarksTwice;

impl Transitions for MarksTwice {
    fn reserve(state: &impl Atomic<u8>) -> Reserve {
        match Reference::reserve(state) {
            Reserve::Refused(Misuse::AlreadyMarked) => {
                state.swap(Phase::Marking as u8, Acquire);
                Reserve::Reserved
            }
            other => other,
        }
    }
}
impl Protocol for MarksTwice {}
impl Fault for MarksTwice {
    const ABOUT: About = About {
        name: "word-marks-twice",
        edit: "reserve also leads from cancelable to marking",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-mark-twice",
        origin: "specification V2 and rule MarkCancOnCancReq",
        ..About::of("word")
    };
}

/// A mark after the claim is refused with the reason for a mark after a mark.
#[derive(Debug)]
pub struct BlamesTheMark;

impl Transitions for BlamesTheMark {
    fn reserve(state: &impl Atomic<u8>) -> Reserve {
        match Reference::reserve(state) {
            Reserve::Refused(_) => Reserve::Refused(Misuse::AlreadyMarked),
            other => other,
        }
    }
}
impl Protocol for BlamesTheMark {}
impl Fault for BlamesTheMark {
    const ABOUT: About = About {
        name: "word-blames-the-mark",
        edit: "every refused mark is said to be already marked",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-mark-after-claim",
        origin: "specification 2.4, MarkCancelable in X and N",
        ..About::of("word")
    };
}

/// A mark after a cancel is answered like under a contract that refuses it.
#[derive(Debug)]
pub struct RefusesAfterCancel;

impl Transitions for RefusesAfterCancel {}
impl Protocol for RefusesAfterCancel {
    fn mark<R: Runtime>(request: &Word<R, Self>, callback: Callback) -> Mark {
        match Self::reserve(request.state()) {
            Reserve::Reserved => {
                request.fill_slot(callback);
                Self::publish_mark(request)
            }
            Reserve::CancelAsked => Mark::Canceled,
            Reserve::Refused(misuse) => Mark::Refused(misuse),
        }
    }
}
impl Fault for RefusesAfterCancel {
    const ABOUT: About = About {
        name: "word-refuses-after-cancel",
        edit: "mark answers canceled instead of calling back",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-mark",
        origin: "specification 2.7: MarkCancelable and MarkCancelableEx differ in exactly this",
        ..About::of("word")
    };
}

/// A mark that is refused because of a cancel calls back all the same.
#[derive(Debug)]
pub struct CallsBackAndRefuses;

impl Transitions for CallsBackAndRefuses {}
impl Protocol for CallsBackAndRefuses {
    fn publish_mark<R: Runtime>(request: &Word<R, Self>) -> Mark {
        match Self::publish(request.state()) {
            Publish::Published => Mark::Marked,
            Publish::CancelAsked => {
                Self::start_reserved(request.state());
                Self::call_back(request);
                Mark::Canceled
            }
        }
    }
}
impl Fault for CallsBackAndRefuses {
    const ABOUT: About = About {
        name: "word-calls-back-and-refuses",
        edit: "a cancel found while publishing is called back and answered canceled",
        breaks: Rule::ExactlyOnce,
        scenario: "mark-cancel",
        origin: "specification R2: never both",
        contract: Contract::KMDF_EX,
        ..About::of("word")
    };
}

/// A mark that is refused because of a cancel leaves its callback in the slot.
#[derive(Debug)]
pub struct KeepsTheRefusedCallback;

impl Transitions for KeepsTheRefusedCallback {}
impl Protocol for KeepsTheRefusedCallback {
    fn publish_mark<R: Runtime>(request: &Word<R, Self>) -> Mark {
        match Self::publish(request.state()) {
            Publish::Published => Mark::Marked,
            Publish::CancelAsked => {
                Self::abandon_reservation(request.state());
                Mark::Canceled
            }
        }
    }
}
impl Fault for KeepsTheRefusedCallback {
    const ABOUT: About = About {
        name: "word-keeps-the-refused-callback",
        edit: "a refused publication does not empty the slot",
        breaks: Rule::CallbackReleased,
        scenario: "mark-cancel",
        origin: "specification 2.5: a failed arming drops its reference",
        contract: Contract::KMDF_EX,
        ..About::of("word")
    };
}

/// A mark that is refused because of a cancel stays half made, so the request cannot be completed.
#[derive(Debug)]
pub struct NeverAbandons;

impl Transitions for NeverAbandons {
    fn abandon_reservation(_state: &impl Atomic<u8>) {}
}
impl Protocol for NeverAbandons {}
impl Fault for NeverAbandons {
    const ABOUT: About = About {
        name: "word-never-abandons",
        edit: "a refused publication does not lead back to pending",
        breaks: Rule::RequestCompleted,
        scenario: "mark-cancel",
        origin: "specification 2.4, MarkCancelableEx: STATUS_CANCELLED means that the driver must complete",
        contract: Contract::KMDF_EX,
        ..About::of("word")
    };
}
