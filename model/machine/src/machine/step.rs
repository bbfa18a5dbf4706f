//! The table: one function, pure and total.

use super::{Call, CallbackPhase, CancelBit, Misuse, Reply, State};
use crate::contract::{
    CancelAfterEnd, CancelAnswers, CancelWhileUnmarked, CompleteAfterCancel, CompleteWhileCancelable,
    Contract, IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim, UnmarkDuringCallback, UnmarkUnmarked,
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
/// effect in this state (a callback that starts unasked), or must wait (where the contract says so).
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
            [first, second, _] if first == another || second == another => self,
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
        Call::CallbackStart => callback_start(contract, state),
        Call::CallbackReturn => callback_return(state),
        Call::Claim => claim(state),
    }
}

fn mark(contract: &Contract, state: State) -> Outcomes {
    let owed = State::Canceled(CallbackPhase::NotStarted);
    if state == State::Asked && contract.mark_after_claim == MarkAfterClaim::AnswersCanceled {
        // Whoever asks whether it is canceled before it marks may find out before the claim.
        let as_marked = mark_marked(contract);
        return Outcomes::one(state, Reply::Mark(as_marked)).or(state, Reply::Mark(Mark::Canceled));
    }
    let (next, reply) = match (state, contract.mark_after_cancel) {
        (State::Pending(CancelBit::Clear), _) => (State::Cancelable, Mark::Marked),
        (State::Pending(CancelBit::Set), MarkAfterCancel::CallsBack) => (owed, Mark::Marked),
        (State::Pending(CancelBit::Set), MarkAfterCancel::Refuses) => (state, Mark::Canceled),
        (State::Pending(CancelBit::Set | CancelBit::Claiming), MarkAfterCancel::Ignores) => {
            (state, Mark::Marked)
        }
        (State::Pending(CancelBit::Claiming), MarkAfterCancel::CallsBack) => (owed, Mark::Marked),
        (State::Pending(CancelBit::Claiming), MarkAfterCancel::Refuses) => {
            // Marker and canceler race for the routine: the canceler takes this one, or leaves it for a later mark.
            return Outcomes::one(owed, Reply::Mark(Mark::Marked)).or(state, Reply::Mark(Mark::Canceled));
        }
        (State::Cancelable | State::Asked, _) => (state, mark_marked(contract)),
        (State::Canceled(phase), _) => mark_claimed(contract, phase),
        (State::Completed(_), _) => (state, Mark::Refused(Misuse::AlreadyCompleted)),
    };
    Outcomes::one(next, Reply::Mark(reply))
}

/// What a mark of a marked request answers.
fn mark_marked(contract: &Contract) -> Mark {
    if contract.marks_replace() { Mark::Marked } else { Mark::Refused(Misuse::AlreadyMarked) }
}

/// What a mark of a claimed request leads to, and what it answers.
fn mark_claimed(contract: &Contract, phase: CallbackPhase) -> (State, Mark) {
    let state = State::Canceled(phase);
    match (contract.mark_after_claim, phase) {
        (MarkAfterClaim::Refuses, _) | (MarkAfterClaim::Rearms, CallbackPhase::NotStarted) => {
            (state, Mark::Refused(Misuse::CancelClaimed))
        }
        (MarkAfterClaim::AnswersCanceled, _) => (state, Mark::Canceled),
        (MarkAfterClaim::Ignores, _) => (state, Mark::Marked),
        // Two callbacks at a time are one phase here: it is that of the one that was owed first.
        (MarkAfterClaim::CallsBack, CallbackPhase::NotStarted | CallbackPhase::Running) => {
            (state, Mark::Marked)
        }
        (MarkAfterClaim::CallsBack, CallbackPhase::Returned) => {
            (State::Canceled(CallbackPhase::NotStarted), Mark::Marked)
        }
        (MarkAfterClaim::Rearms, _) => (State::Cancelable, Mark::Marked),
    }
}

fn unmark(contract: &Contract, state: State) -> Outcomes {
    if !contract.offers_unmark() {
        return Outcomes::one(state, Reply::Unmark(Unmark::Refused(Misuse::NotOffered)));
    }
    if contract.unmarks_twice() && matches!(state, State::Pending(_) | State::Completed(_)) {
        let mut prevented_nothing = Outcomes::one(state, Reply::Unmark(Unmark::Canceled));
        if contract.unmark_unmarked == UnmarkUnmarked::MayRefuse {
            let is_over = matches!(state, State::Completed(_));
            let misuse = if is_over { Misuse::AlreadyCompleted } else { Misuse::NotMarked };
            prevented_nothing = prevented_nothing.or(state, Reply::Unmark(Unmark::Refused(misuse)));
        }
        let is_ignored = contract.ignores_late_marks() && state == State::Pending(CancelBit::Set);
        return if is_ignored {
            prevented_nothing.or(state, Reply::Unmark(Unmark::Unmarked))
        } else {
            prevented_nothing
        };
    }
    let (next, reply) = match (state, contract.unmark_during_callback) {
        // What is forgotten can be taken back, by whoever does not know that it is.
        (State::Pending(CancelBit::Set), _) if contract.ignores_late_marks() => {
            return Outcomes::one(state, Reply::Unmark(Unmark::Unmarked))
                .or(state, Reply::Unmark(Unmark::Refused(Misuse::NotMarked)));
        }
        // Or it was called back, and has been canceled anew since.
        (State::Pending(CancelBit::Set), _) if contract.rearms() => {
            return Outcomes::one(state, Reply::Unmark(Unmark::Refused(Misuse::NotMarked)))
                .or(state, Reply::Unmark(Unmark::Canceled));
        }
        (State::Pending(_), _) => (state, Unmark::Refused(Misuse::NotMarked)),
        (State::Cancelable, _) => (State::Pending(CancelBit::Clear), Unmark::Unmarked),
        (State::Asked, _) => (State::Pending(CancelBit::Set), Unmark::Unmarked),
        (State::Canceled(CallbackPhase::Returned), _) => (state, Unmark::Canceled),
        (State::Canceled(_), UnmarkDuringCallback::Answers) => (state, Unmark::Canceled),
        (State::Canceled(_), UnmarkDuringCallback::Waits | UnmarkDuringCallback::WaitsEvenForItself) => {
            return Outcomes::NONE;
        }
        (State::Completed(_), _) => (state, Unmark::Refused(Misuse::AlreadyCompleted)),
    };
    Outcomes::one(next, Reply::Unmark(reply))
}

fn cancel(contract: &Contract, state: State) -> Outcomes {
    let answer = |is_first, claims| Reply::Cancel(answer_of_cancel(contract, is_first, claims));
    match state {
        State::Pending(bit) => cancel_unmarked(contract, bit),
        State::Cancelable => {
            let at_once = Outcomes::one(State::Canceled(CallbackPhase::NotStarted), answer(true, true));
            if contract.cancel_asks_first() {
                // Whether it comes to the mark in time is known only later.
                at_once.or(State::Asked, answer(true, false)).or(State::Asked, answer(true, true))
            } else {
                at_once
            }
        }
        State::Asked
        | State::Canceled(CallbackPhase::NotStarted | CallbackPhase::Running)
        | State::Completed(CallbackPhase::Running)
            if contract.cancel_waits() =>
        {
            Outcomes::NONE
        }
        // The driver may own what has been called back anew, and then it is as if it had not been marked.
        State::Canceled(CallbackPhase::Running | CallbackPhase::Returned)
            if contract.rearms() && contract.remembers_cancel() =>
        {
            Outcomes::one(state, answer(false, false))
                .or(State::Pending(CancelBit::Set), answer(false, false))
        }
        State::Asked | State::Canceled(_) => Outcomes::one(state, answer(false, false)),
        State::Completed(_) => cancel_ended(contract, state),
    }
}

/// What a cancel of a request that has not ended answers, if it says anything.
pub fn answer_of_cancel(contract: &Contract, is_first: bool, claims: bool) -> Cancel {
    if contract.cancel_says_yes(is_first, claims) { Cancel::Claimed } else { Cancel::NotClaimed }
}

/// What a cancel of a request that has ended answers, if it says anything.
pub fn answer_of_late_cancel(contract: &Contract, is_first: bool) -> Cancel {
    match (contract.cancel_after_end, contract.cancel_answers) {
        (CancelAfterEnd::Asks, _) => answer_of_cancel(contract, is_first, false),
        (CancelAfterEnd::FindsNothing, CancelAnswers::HowManyItFound) => Cancel::NotClaimed,
        (CancelAfterEnd::FindsNothing, _) => Cancel::NotFound,
    }
}

/// A cancel of a request that is not marked.
fn cancel_unmarked(contract: &Contract, bit: CancelBit) -> Outcomes {
    let state = State::Pending(bit);
    let (is_first, set) = (bit == CancelBit::Clear, State::Pending(CancelBit::Set));
    let answer = |claims| Reply::Cancel(answer_of_cancel(contract, is_first, claims));
    let is_counted = contract.cancel_answers == CancelAnswers::HowManyItFound;
    let remembered = match contract.cancel_while_unmarked {
        CancelWhileUnmarked::Forgets => Outcomes::one(state, answer(false)),
        CancelWhileUnmarked::MayInterrupt if bit == CancelBit::Clear => {
            Outcomes::one(state, answer(false)).or(set, answer(is_counted))
        }
        CancelWhileUnmarked::MayInterrupt => Outcomes::one(state, answer(false)),
        CancelWhileUnmarked::Remembers if bit == CancelBit::Claiming => Outcomes::one(state, answer(false)),
        CancelWhileUnmarked::Remembers => {
            let set = Outcomes::one(set, answer(false));
            let tells_claims = contract.cancel_tells_claims() || contract.cancel_is_untold();
            if tells_claims { set.or(State::Pending(CancelBit::Claiming), answer(true)) } else { set }
        }
    };
    if is_counted { remembered.or(state, answer(true)) } else { remembered }
}

/// A cancel of a request that has ended.
fn cancel_ended(contract: &Contract, state: State) -> Outcomes {
    let not_claimed = Reply::Cancel(Cancel::NotClaimed);
    let claimed = Reply::Cancel(Cancel::Claimed);
    if contract.cancel_after_end == CancelAfterEnd::Asks {
        // Which of all cancels was the first is not told from the state, but from their answers together.
        return Outcomes::one(state, not_claimed).or(state, claimed);
    }
    let found_nothing =
        Outcomes::one(state, Reply::Cancel(answer_of_late_cancel(contract, false))).or(state, not_claimed);
    let may_call =
        contract.calls_back_after_completion() && state == State::Completed(CallbackPhase::NotStarted);
    if may_call { found_nothing.or(state, claimed) } else { found_nothing }
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
        (State::Pending(CancelBit::Set), IsCanceledWhileMarked::AnswersNo) if contract.rearms() => {
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

fn callback_start(contract: &Contract, state: State) -> Outcomes {
    match state {
        State::Completed(CallbackPhase::NotStarted) if contract.calls_back_after_completion() => {
            Outcomes::one(State::Completed(CallbackPhase::Running), Reply::Done)
        }
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
