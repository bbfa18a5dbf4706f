//! Faults of unmarking a [`Word`].

use core::sync::atomic::Ordering::{Relaxed, Release};

use crate::machine::Misuse;
use crate::request::Unmark;
use crate::requests::word::Word;
use crate::requests::word::state::{Phase, Transitions, Withdraw, Word as StateWord};
use crate::requests::word::{Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Atomic, Runtime};

use super::super::{About, Fault, Sight};

/// The mark is withdrawn without acquiring, so the slot may be emptied before it is filled.
#[derive(Debug)]
pub struct WithdrawsRelaxed;

impl Transitions for WithdrawsRelaxed {
    fn withdraw(state: &impl Atomic<u8>) -> Withdraw {
        match state.compare_exchange(Phase::Cancelable as u8, Phase::Unmarking as u8, Relaxed, Relaxed) {
            Ok(_) => Withdraw::Withdrawn,
            Err(found) if StateWord::from_bits(found).is_cancel_asked() => Withdraw::Claimed,
            Err(_) => Withdraw::Refused(Misuse::NotMarked),
        }
    }
}
impl Protocol for WithdrawsRelaxed {}
impl Fault for WithdrawsRelaxed {
    const ABOUT: About = About {
        name: "word-withdraws-relaxed",
        edit: "withdrawing the mark is relaxed instead of acquire",
        breaks: Rule::Publication,
        scenario: "two-drivers-mark-and-unmark",
        origin: "specification R26",
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// The slot is given back without releasing, so the next mark may fill it before it is empty.
#[derive(Debug)]
pub struct GivesBackRelaxed;

impl Transitions for GivesBackRelaxed {
    fn give_back(state: &impl Atomic<u8>) {
        state.fetch_and(StateWord::CANCEL, Relaxed);
    }
}
impl Protocol for GivesBackRelaxed {}
impl Fault for GivesBackRelaxed {
    const ABOUT: About = About {
        name: "word-gives-back-relaxed",
        edit: "giving the slot back is relaxed instead of release",
        breaks: Rule::Publication,
        scenario: "two-drivers-mark-and-unmark",
        origin: "specification R26",
        needs: Sight::HappensBefore,
        ..About::of("word")
    };
}

/// The last step of an unmark overwrites the cancel that came while the slot was being emptied.
#[derive(Debug)]
pub struct ForgetsTheGap;

impl Transitions for ForgetsTheGap {
    fn give_back(state: &impl Atomic<u8>) {
        state.swap(Phase::Pending as u8, Release);
    }
}
impl Protocol for ForgetsTheGap {}
impl Fault for ForgetsTheGap {
    const ABOUT: About = About {
        name: "word-forgets-the-gap",
        edit: "giving the slot back exchanges the whole byte instead of its phase",
        breaks: Rule::NoLostCancel,
        scenario: "remark-and-leave-cancel",
        origin: "tokio-rs/tokio pull request 3652: dropping a waiter sets the state to empty, whatever \
                 came meanwhile",
        ..About::of("word")
    };
}

/// A request that was never marked is unmarked with success.
#[derive(Debug)]
pub struct GrantsUnmarked;

impl Transitions for GrantsUnmarked {
    fn withdraw(state: &impl Atomic<u8>) -> Withdraw {
        match Reference::withdraw(state) {
            Withdraw::Refused(Misuse::NotMarked) => Withdraw::Withdrawn,
            other => other,
        }
    }
}
impl Protocol for GrantsUnmarked {}
impl Fault for GrantsUnmarked {
    const ABOUT: About = About {
        name: "word-grants-unmarked",
        edit: "withdraw treats a request that is not marked as its own",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-unmark-unmarked",
        origin: "specification V3 and rule ReqIsNotCancelable",
        ..About::of("word")
    };
}

/// Unmark waits for the callback by spinning, also when the callback itself unmarks.
#[derive(Debug)]
pub struct SpinsInUnmark;

impl Transitions for SpinsInUnmark {}
impl Protocol for SpinsInUnmark {
    fn unmark<R: Runtime>(request: &Word<R, Self>) -> Unmark {
        loop {
            match Self::withdraw(request.state()) {
                Withdraw::Claimed => R::yield_now(),
                Withdraw::Refused(misuse) => return Unmark::Refused(misuse),
                Withdraw::Withdrawn => {
                    let callback = request.empty_slot();
                    Self::give_back(request.state());
                    drop(callback);
                    return Unmark::Unmarked;
                }
            }
        }
    }
}
impl Fault for SpinsInUnmark {
    const ABOUT: About = About {
        name: "word-spins-in-unmark",
        edit: "unmark retries until the callback has completed the request, instead of answering canceled",
        breaks: Rule::BoundedSteps,
        scenario: "marked-cancel-reentrant",
        needs: Sight::Endlessness,
        origin: "facebookexperimental/libunifex pull request 670: removing a callback spins while the \
                 callback waits for the remover",
        ..About::of("word")
    };
}
