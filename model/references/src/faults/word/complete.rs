//! Faults of completing a [`Word`] and of asking it.

use core::sync::atomic::Ordering::Relaxed;

use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::{Complete, IsCanceled};
use crate::requests::word::Word;
use crate::requests::word::state::{Disarm, End, Phase, Transitions, Word as StateWord};
use crate::requests::word::{Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// Completion of a marked request is accepted and leaves the mark standing, so a later cancel still calls
/// back.
#[derive(Debug)]
pub struct CompletesAndStaysMarked;

impl Transitions for CompletesAndStaysMarked {
    fn end(state: &impl Atomic<u8>) -> End {
        match Self::look(state).phase() {
            Phase::Cancelable => End::Ended,
            _ => Reference::end(state),
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
        origin: "specification R11: a later OnCancel may receive a request that no longer exists",
        ..About::of("word")
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
        origin: "Cloudef/zig-aio issue 52: cancel and completion race, and both finish the operation",
        ..About::of("word")
    };
}

/// A completion that lost its race tries again without looking at what it lost to.
#[derive(Debug)]
pub struct RetriesBlindly;

impl Transitions for RetriesBlindly {
    fn end(state: &impl Atomic<u8>) -> End {
        let mut found = Self::look(state);
        if !matches!(found.phase(), Phase::Pending | Phase::Notified) {
            return Reference::end(state);
        }
        loop {
            let ended = found.moved_to(Phase::Completed);
            match state.compare_exchange(found.bits(), ended.bits(), Relaxed, Relaxed) {
                Ok(_) => return End::Ended,
                Err(newer) => found = StateWord::from_bits(newer),
            }
        }
    }
}
impl Protocol for RetriesBlindly {}
impl Fault for RetriesBlindly {
    const ABOUT: About = About {
        name: "word-retries-blindly",
        edit: "a failed compare-exchange is repeated with the new value, whatever phase it has",
        breaks: Rule::SingleCompletion,
        scenario: "two-completions",
        origin: "specification V7",
        ..About::of("word")
    };
}

/// A second completion is accepted.
#[derive(Debug)]
pub struct CompletesAgain;

impl Transitions for CompletesAgain {
    fn end(state: &impl Atomic<u8>) -> End {
        match Reference::end(state) {
            End::Refused(Misuse::AlreadyCompleted) => End::Ended,
            other => other,
        }
    }
}
impl Protocol for CompletesAgain {}
impl Fault for CompletesAgain {
    const ABOUT: About = About {
        name: "word-completes-again",
        edit: "end treats a completed request as its own",
        breaks: Rule::SingleCompletion,
        scenario: "misuse-complete-twice",
        origin: "specification V7 and rule DoubleCompletion; bug check 0x44",
        ..About::of("word")
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
            Err(_) => Reference::end(state),
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
        origin: "specification R11 and V6",
        ..About::of("word")
    };
}

/// A completion after the claim is refused with the reason for a completion before it.
#[derive(Debug)]
pub struct BlamesTheMarkInComplete;

impl Transitions for BlamesTheMarkInComplete {
    fn end(state: &impl Atomic<u8>) -> End {
        match Reference::end(state) {
            End::Refused(Misuse::CallbackPromised) => End::Refused(Misuse::StillCancelable),
            other => other,
        }
    }
}
impl Protocol for BlamesTheMarkInComplete {}
impl Fault for BlamesTheMarkInComplete {
    const ABOUT: About = About {
        name: "word-says-still-cancelable",
        edit: "a completion between the claim and the callback is said to be of a cancelable request",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-complete-promised",
        origin: "specification V6 and V8 are two checks",
        ..About::of("word")
    };
}

/// Completion gives the callback object back, also from within the callback.
#[derive(Debug)]
pub struct ReleasesOnCompletion;

impl Transitions for ReleasesOnCompletion {}
impl Protocol for ReleasesOnCompletion {
    fn complete<R: Runtime>(request: &Word<R, Self>) -> Complete {
        match Self::end(request.state()) {
            End::Ended => {
                drop(request.empty_slot());
                Complete::Completed
            }
            End::Refused(misuse) => Complete::Refused(misuse),
        }
    }
}
impl Fault for ReleasesOnCompletion {
    const ABOUT: About = About {
        name: "word-releases-on-completion",
        edit: "an accepted completion empties the slot",
        breaks: Rule::CallbackReleased,
        scenario: "marked-cancel",
        origin: "facebookexperimental/libunifex issue 445: the last callback destroys the state that \
                 request_stop is still using",
        ..About::of("word")
    };
}

/// A completion that takes the mark with it does not acquire, so the slot may be emptied before it is filled.
#[derive(Debug)]
pub struct DisarmsRelaxed;

impl Transitions for DisarmsRelaxed {
    fn disarm(state: &impl Atomic<u8>) -> Disarm {
        match state.compare_exchange(Phase::Cancelable as u8, Phase::Completed as u8, Relaxed, Relaxed) {
            Ok(_) => Disarm::Ended,
            Err(_) => Disarm::Moved,
        }
    }
}
impl Protocol for DisarmsRelaxed {}
impl Fault for DisarmsRelaxed {
    const ABOUT: About = About {
        name: "word-disarms-relaxed",
        edit: "ending the cancelable phase by completion is relaxed instead of acquire",
        breaks: Rule::Publication,
        scenario: "two-drivers-mark-and-complete",
        origin: "specification R26",
        contract: Contract::SCOPED,
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// Is-canceled answers about a marked request.
#[derive(Debug)]
pub struct AnswersWhileMarked;

impl Transitions for AnswersWhileMarked {}
impl Protocol for AnswersWhileMarked {
    fn is_canceled<R: Runtime>(request: &Word<R, Self>) -> IsCanceled {
        let word = Self::look(request.state());
        match word.phase() {
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ if word.is_cancel_asked() => IsCanceled::Yes,
            _ => IsCanceled::No,
        }
    }
}
impl Fault for AnswersWhileMarked {
    const ABOUT: About = About {
        name: "word-answers-while-marked",
        edit: "is-canceled reads the cancel bit without looking whether the request is marked",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-is-canceled-while-marked",
        origin: "specification V10 and rule ReqIsCancOnCancReq",
        contract: Contract::KMDF,
        ..About::of("word")
    };
}

/// Is-canceled of a marked request is refused, as under another contract.
#[derive(Debug)]
pub struct RefusesWhileMarked;

impl Transitions for RefusesWhileMarked {}
impl Protocol for RefusesWhileMarked {
    fn is_canceled<R: Runtime>(request: &Word<R, Self>) -> IsCanceled {
        let word = Self::look(request.state());
        match word.phase() {
            Phase::Pending if word.is_cancel_asked() => IsCanceled::Yes,
            Phase::Pending => IsCanceled::No,
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::Refused(Misuse::StillCancelable),
        }
    }
}
impl Fault for RefusesWhileMarked {
    const ABOUT: About = About {
        name: "word-refuses-while-marked",
        edit: "is-canceled of a marked request is refused instead of answered no",
        breaks: Rule::Linearizable,
        scenario: "misuse-is-canceled-while-marked",
        origin: "specification 2.4: IWDFIoRequest2::IsCanceled answers, WdfRequestIsCanceled breaks",
        ..About::of("word")
    };
}
