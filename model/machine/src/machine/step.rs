//! The table: one function, pure and total.

use super::{Call, CallbackPhase, CancelBit, Misuse, Reply, State};
use crate::contract::{
    CancelWhileUnmarked, CompleteAfterCancel, CompleteWhileCancelable, Contract, IsCanceledWhileMarked,
    MarkAfterCancel, UnmarkDuringCallback,
};
use crate::request::{Cancel, Complete, IsCanceled, Mark, Unmark};

/// One thing that a call may do: the state it leads to and the answer it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// The state afterwards.
    pub state: State,
    /// The answer.
    pub reply: Reply,
}

/// Everything that a call may do in a state: at most three outcomes. None at all means that the call must not take
/// effect in this state (a callback that starts unasked), or must wait (unmark, where the contract says so).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcomes([Option<Outcome>; 3]);

impl Outcomes {
    const NONE: Outcomes = Outcomes([None, None, None]);

    fn one(state: State, reply: Reply) -> Self {
        Outcomes([Some(Outcome { state, reply }), None, None])
    }

    fn or(self, state: State, reply: Reply) -> Self {
        let another = Some(Outcome { state, reply });
        match self.0 {
            [first, None, _] => Outcomes([first, another, None]),
            [first, second, _] => Outcomes([first, second, another]),
        }
    }

    /// The outcomes, one by one.
    pub fn iter(self) -> impl Iterator<Item = Outcome> {
        self.0.into_iter().flatten()
    }

    /// Whether the call must not take effect here.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0[0].is_none()
    }
}

/// Everything that `call` may do to a request in `state` under `contract`.
///
/// # Example
///
/// ```
/// use cancelproof_machine::machine::{Call, CallbackPhase, CancelBit, Reply, State, step};
/// use cancelproof_machine::{Cancel, Contract};
///
/// // A cancel of a marked request claims it: one callback is owed.
/// let outcomes: Vec<_> = step(&Contract::UMDF_1, State::Cancelable, Call::Cancel).iter().collect();
/// assert_eq!(outcomes.len(), 1);
/// assert_eq!(outcomes[0].state, State::Canceled(CallbackPhase::NotStarted));
/// assert_eq!(outcomes[0].reply, Reply::Cancel(Cancel::Claimed));
///
/// // A callback never starts on a request that nobody canceled.
/// assert!(step(&Contract::UMDF_1, State::Pending(CancelBit::Clear), Call::CallbackStart).is_empty());
/// ```
#[must_use]
pub fn step(contract: &Contract, state: State, call: Call) -> Outcomes {
    match call {
        Call::Mark => mark(contract, state),
        Call::Unmark => unmark(contract, state),
        Call::Cancel => cancel(contract, state),
        Call::Complete => complete(contract, state),
        Call::IsCanceled => is_canceled(contract, state),
        Call::CallbackStart => callback_start(state),
        Call::CallbackReturn => callback_return(state),
        Call::Claim => claim(state),
    }
}

fn mark(contract: &Contract, state: State) -> Outcomes {
    let owed = State::Canceled(CallbackPhase::NotStarted);
    let (next, reply) = match (state, contract.mark_after_cancel) {
        (State::Pending(CancelBit::Clear), _) => (State::Cancelable, Mark::Marked),
        (State::Pending(CancelBit::Set), MarkAfterCancel::CallsBack) => (owed, Mark::Marked),
        (State::Pending(CancelBit::Set), MarkAfterCancel::Refuses) => (state, Mark::Canceled),
        (State::Pending(CancelBit::Claiming), MarkAfterCancel::CallsBack) => (owed, Mark::Marked),
        (State::Pending(CancelBit::Claiming), MarkAfterCancel::Refuses) => {
            // Marker and canceler race for the routine: the canceler takes this one, or leaves it for a later mark.
            return Outcomes::one(owed, Reply::Mark(Mark::Marked)).or(state, Reply::Mark(Mark::Canceled));
        }
        (State::Cancelable | State::Asked, _) if contract.marks_replace() => (state, Mark::Marked),
        (State::Cancelable | State::Asked, _) => (state, Mark::Refused(Misuse::AlreadyMarked)),
        (State::Canceled(_), _) => (state, Mark::Refused(Misuse::CancelClaimed)),
        (State::Completed(_), _) => (state, Mark::Refused(Misuse::AlreadyCompleted)),
    };
    Outcomes::one(next, Reply::Mark(reply))
}

fn unmark(contract: &Contract, state: State) -> Outcomes {
    if !contract.offers_unmark() {
        return Outcomes::one(state, Reply::Unmark(Unmark::Refused(Misuse::NotOffered)));
    }
    let (next, reply) = match (state, contract.unmark_during_callback) {
        (State::Pending(_), _) => (state, Unmark::Refused(Misuse::NotMarked)),
        (State::Cancelable, _) => (State::Pending(CancelBit::Clear), Unmark::Unmarked),
        (State::Asked, _) => (State::Pending(CancelBit::Set), Unmark::Unmarked),
        (State::Canceled(CallbackPhase::Returned), _) => (state, Unmark::Canceled),
        (State::Canceled(_), UnmarkDuringCallback::Answers) => (state, Unmark::Canceled),
        (State::Canceled(_), UnmarkDuringCallback::Waits) => return Outcomes::NONE,
        (State::Completed(_), _) => (state, Unmark::Refused(Misuse::AlreadyCompleted)),
    };
    Outcomes::one(next, Reply::Unmark(reply))
}

fn cancel(contract: &Contract, state: State) -> Outcomes {
    let not_claimed = Reply::Cancel(Cancel::NotClaimed);
    match state {
        State::Pending(_) if contract.cancel_while_unmarked == CancelWhileUnmarked::Forgets => {
            Outcomes::one(state, not_claimed)
        }
        State::Pending(CancelBit::Clear)
            if contract.cancel_while_unmarked == CancelWhileUnmarked::MayInterrupt =>
        {
            Outcomes::one(state, not_claimed).or(State::Pending(CancelBit::Set), not_claimed)
        }
        State::Pending(_) if contract.cancel_while_unmarked == CancelWhileUnmarked::MayInterrupt => {
            Outcomes::one(state, not_claimed)
        }
        State::Pending(CancelBit::Clear | CancelBit::Set) => {
            Outcomes::one(State::Pending(CancelBit::Set), not_claimed)
                .or(State::Pending(CancelBit::Claiming), Reply::Cancel(Cancel::Claimed))
        }
        State::Pending(CancelBit::Claiming) => Outcomes::one(state, not_claimed),
        State::Cancelable => {
            let claimed = Reply::Cancel(Cancel::Claimed);
            let at_once = Outcomes::one(State::Canceled(CallbackPhase::NotStarted), claimed);
            if contract.cancel_asks_first() {
                // Whether it comes to the mark in time is known only later.
                at_once.or(State::Asked, not_claimed).or(State::Asked, claimed)
            } else {
                at_once
            }
        }
        State::Asked | State::Canceled(_) => Outcomes::one(state, not_claimed),
        State::Completed(_) => Outcomes::one(state, Reply::Cancel(Cancel::NotFound)).or(state, not_claimed),
    }
}

fn complete(contract: &Contract, state: State) -> Outcomes {
    if !contract.offers_complete() {
        return Outcomes::one(state, Reply::Complete(Complete::Refused(Misuse::NotOffered)));
    }
    if contract.complete_after_cancel == CompleteAfterCancel::TooLate
        && matches!(state, State::Pending(CancelBit::Set | CancelBit::Claiming) | State::Canceled(_))
    {
        return Outcomes::one(state, Reply::Complete(Complete::Canceled));
    }
    let (next, reply) = match (state, contract.complete_while_cancelable) {
        (State::Pending(CancelBit::Claiming), _) => return Outcomes::NONE,
        (State::Canceled(CallbackPhase::NotStarted | CallbackPhase::Running), _)
            if contract.completion_waits() =>
        {
            return Outcomes::NONE;
        }
        (State::Pending(_), _) | (State::Cancelable | State::Asked, CompleteWhileCancelable::Disarms) => {
            (State::Completed(CallbackPhase::NotStarted), Complete::Completed)
        }
        (State::Cancelable | State::Asked, CompleteWhileCancelable::Refuses) => {
            (state, Complete::Refused(Misuse::StillCancelable))
        }
        (State::Canceled(CallbackPhase::NotStarted), _) => {
            (state, Complete::Refused(Misuse::CallbackPromised))
        }
        (State::Canceled(phase), _) => (State::Completed(phase), Complete::Completed),
        (State::Completed(_), _) => (state, Complete::Refused(Misuse::AlreadyCompleted)),
    };
    Outcomes::one(next, Reply::Complete(reply))
}

fn is_canceled(contract: &Contract, state: State) -> Outcomes {
    if !contract.offers_is_canceled() {
        return Outcomes::one(state, Reply::IsCanceled(IsCanceled::Refused(Misuse::NotOffered)));
    }
    let reply = match (state, contract.is_canceled_while_marked) {
        (State::Asked, IsCanceledWhileMarked::Tells) => {
            return Outcomes::one(state, Reply::IsCanceled(IsCanceled::Yes))
                .or(state, Reply::IsCanceled(IsCanceled::No));
        }
        (State::Pending(CancelBit::Clear), _) => IsCanceled::No,
        (State::Pending(_), _) => IsCanceled::Yes,
        (State::Cancelable | State::Asked | State::Canceled(_), IsCanceledWhileMarked::AnswersNo) => {
            IsCanceled::No
        }
        (State::Cancelable, IsCanceledWhileMarked::Tells) => IsCanceled::No,
        (State::Canceled(_), IsCanceledWhileMarked::Tells) => IsCanceled::Yes,
        (State::Cancelable | State::Asked, IsCanceledWhileMarked::Refuses) => {
            IsCanceled::Refused(Misuse::StillCancelable)
        }
        (State::Canceled(_), IsCanceledWhileMarked::Refuses) => IsCanceled::Refused(Misuse::CancelClaimed),
        (State::Completed(_), _) => IsCanceled::Refused(Misuse::AlreadyCompleted),
    };
    Outcomes::one(state, Reply::IsCanceled(reply))
}

fn callback_start(state: State) -> Outcomes {
    match state {
        State::Canceled(CallbackPhase::NotStarted) => {
            Outcomes::one(State::Canceled(CallbackPhase::Running), Reply::Done)
        }
        _ => Outcomes::NONE,
    }
}

/// The cancel that has asked comes to the mark.
fn claim(state: State) -> Outcomes {
    match state {
        State::Asked => Outcomes::one(State::Canceled(CallbackPhase::NotStarted), Reply::Done),
        _ => Outcomes::NONE,
    }
}

fn callback_return(state: State) -> Outcomes {
    match state {
        State::Canceled(CallbackPhase::Running) => {
            Outcomes::one(State::Canceled(CallbackPhase::Returned), Reply::Done)
        }
        State::Completed(CallbackPhase::Running) => {
            Outcomes::one(State::Completed(CallbackPhase::Returned), Reply::Done)
        }
        _ => Outcomes::NONE,
    }
}
