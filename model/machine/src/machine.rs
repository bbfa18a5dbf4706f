//! The abstract request: which answers are allowed, in which state, to which call.
//!
//! # States
//!
//! A request is always in one of four states.
//!
//! - **Pending**: the driver owns it and no callback is registered. Its [`CancelBit`] remembers a cancel that came
//!   while nobody could be called back.
//! - **Cancelable**: the driver has marked it. The first cancel to come *claims* it.
//! - **Canceled**: a cancel has claimed it, so exactly one callback is owed. Its [`CallbackPhase`] says whether that
//!   callback has not started, is running, or has returned.
//! - **Completed**: somebody has ended it. Nothing leads out. The phase is kept, because a callback may complete the
//!   request it runs for and return only afterwards.
//!
//! # Permanent rules
//!
//! 1. Only a cancel leads from cancelable to canceled, and only a granted unmark leads from cancelable to pending.
//!    Both are single steps, so exactly one of them happens for each mark.
//! 2. A callback starts only in the canceled state, only once for each claim, and never in the completed state.
//! 3. The cancel bit is sticky: once set it stays until the request ends. A mark that finds it set either owes a
//!    callback at once or is refused, as the contract says; it never leads to cancelable.
//! 4. Completion is allowed in exactly two situations: pending (nobody can be called back), and canceled with the
//!    callback started. Hence a callback never starts after completion as long as misuse is refused.
//! 5. Misuse has a defined answer and no effect. Nothing is undefined.
//!
//! # Who may do what
//!
//! The driver marks, unmarks, asks whether the request is canceled, and completes. Anybody cancels, at any time,
//! also when the request has ended. The callback completes. The machine does not know threads: it says what each
//! call may answer *at the instant at which it takes effect*, which lies between its start and its end.
//!
//! # What a lost race leads to
//!
//! | race | loser | what the loser is told |
//! |---|---|---|
//! | unmark, cancel | unmark | canceled: the callback comes exactly once, completion is its business |
//! | unmark, cancel | cancel | not claimed: the request was pending again, the bit is set and stays |
//! | cancel, cancel | second | not claimed: the first one's callback is the only one |
//! | mark, cancel | mark | nothing (calls back), or canceled (refuses) |
//! | complete, cancel | cancel | not found; an implementation that cannot tell says not claimed |
//! | unmark, completion by the callback | unmark | refused as already completed: never complete on a refusal |
//!
//! # The claim that is made late
//!
//! A canceler of the IRP kind sets the bit first and takes the routine second. Between the two the bit can be read,
//! although the same canceler may still take a routine that is marked in the meantime and answer that it claimed.
//! The state for this is pending with [`CancelBit::Claiming`]: the canceler has promised to claim the next mark, or,
//! where marks are refused, one of the next. Such a promise must be kept: completing the request in that state is not
//! in the table.
//!
//! # The claim that comes after the question
//!
//! Where a contract lets a cancel ask first and claim later, a marked request that was asked for is *asked*: is-canceled
//! may say yes, an unmark is still granted and leaves the request pending with its bit set, and a further cancel has
//! nothing to do. Before the cancel that asked has returned it comes to the mark and claims it, if it is still there: that
//! is the step *claims*, which nobody calls.
//!
//! # What a contract may change
//!
//! Where completion waits for the callback, it is not in the table while one is owed or runs. Where a cancel answers
//! nothing, and wherever an answer is untold, the answer in the table is not held against it.
//!
//! Where a cancel of an unmarked request is forgotten, there is no bit: rule 3 is void. Where the cancel itself ends the
//! request, completion after it is answered "canceled" and changes nothing, and the canceled state may be the last. Where
//! nothing can be unmarked, only completion leads from cancelable to anywhere but canceled.
//!
//! A call that is not offered is refused as such and changes nothing, in every state. Where completion is not offered a
//! request is never completed: whoever owns it ends the operation without telling it.
//!
//! What a cancel answers differs most: whether it led to the callback, whether it was the first to ask, whether somebody was
//! before it, whether the request can still be canceled, how many were found, or nothing. The step is the same, and *claimed*
//! stands for whatever "yes" means in the contract.
//!
//! A mark of a claimed request may call back as well, or be a mark like the first: then the claim is spent with its callback.
//! Where late marks are ignored, one that finds the bit set is accepted and changes nothing. An unmark of what is not marked may
//! be harmless. Where a completion leaves the callback to later cancels, one may start in the completed state as well. Where
//! cancels wait, they are not in the table while a callback is owed or runs.
//!
//! # Source
//!
//! Sections 2 and 3 of the request cancellation specification that the suite is written against: pending is its O,
//! cancelable its A, canceled its X (not started) and N (started), completed its D; the bit is its K.

mod display;
mod step;

use core::mem::discriminant;

use crate::contract::{Contract, IsCanceledWhileMarked};
pub use crate::misuse::Misuse;
use crate::request::{Cancel, Complete, IsCanceled, Mark, Unmark};

pub use step::{Outcome, Outcomes, answer_of_cancel, answer_of_late_cancel, step};

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The driver owns it; no callback is registered.
    Pending(CancelBit),
    /// The driver has marked it; no cancel has claimed it.
    Cancelable,
    /// As cancelable, and a cancel has asked that has not claimed it yet. Only under
    /// [`CancelClaims::AfterItAsked`](crate::contract::CancelClaims::AfterItAsked).
    Asked,
    /// A cancel has claimed it; one callback is owed or was made.
    Canceled(CallbackPhase),
    /// It has ended; the phase is that of its callback.
    Completed(CallbackPhase),
}

/// What a pending request remembers of cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CancelBit {
    /// None was asked for.
    Clear,
    /// One was asked for.
    Set,
    /// One was asked for, and the canceler that did so claims a mark that is still to come.
    Claiming,
}

/// How far the callback of the last claim has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallbackPhase {
    /// It has not started; in the canceled state it is owed.
    NotStarted,
    /// It is running.
    Running,
    /// It has returned.
    Returned,
}

/// What can happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// The driver marks it cancelable.
    Mark,
    /// The driver takes the mark back.
    Unmark,
    /// Anybody asks for it to end early.
    Cancel,
    /// The driver or the callback ends it.
    Complete,
    /// The driver asks whether a cancel was asked for.
    IsCanceled,
    /// The framework starts the callback.
    CallbackStart,
    /// The callback returns to the framework.
    CallbackReturn,
    /// A cancel that has asked before comes to the mark and claims it.
    Claim,
}

/// What a call answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// The answer to [`Call::Mark`].
    Mark(Mark),
    /// The answer to [`Call::Unmark`].
    Unmark(Unmark),
    /// The answer to [`Call::Cancel`].
    Cancel(Cancel),
    /// The answer to [`Call::Complete`].
    Complete(Complete),
    /// The answer to [`Call::IsCanceled`].
    IsCanceled(IsCanceled),
    /// [`Call::CallbackStart`], [`Call::CallbackReturn`] and [`Call::Claim`] have no answer.
    Done,
}

impl State {
    /// Where a request begins.
    pub const INITIAL: State = State::Pending(CancelBit::Clear);

    /// Every state, in the order of the table.
    pub const ALL: [State; 11] = [
        State::Pending(CancelBit::Clear),
        State::Pending(CancelBit::Set),
        State::Pending(CancelBit::Claiming),
        State::Cancelable,
        State::Asked,
        State::Canceled(CallbackPhase::NotStarted),
        State::Canceled(CallbackPhase::Running),
        State::Canceled(CallbackPhase::Returned),
        State::Completed(CallbackPhase::NotStarted),
        State::Completed(CallbackPhase::Running),
        State::Completed(CallbackPhase::Returned),
    ];

    /// Whether everything that was promised has been kept, so that a run may end here.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !matches!(
            self,
            State::Pending(CancelBit::Claiming)
                | State::Asked
                | State::Canceled(CallbackPhase::NotStarted | CallbackPhase::Running)
                | State::Completed(CallbackPhase::Running)
        )
    }
}

impl Call {
    /// Every call, in the order of the table.
    pub const ALL: [Call; 8] = [
        Call::Mark,
        Call::Unmark,
        Call::Cancel,
        Call::Complete,
        Call::IsCanceled,
        Call::CallbackStart,
        Call::CallbackReturn,
        Call::Claim,
    ];

    /// What a request does by itself, without being called: the callback starts and returns, and a cancel that has asked
    /// claims.
    pub const OWN: [Call; 3] = [Call::Claim, Call::CallbackStart, Call::CallbackReturn];
}

impl Reply {
    /// The misuse that a refused call was, or `None` when the call was not refused.
    #[must_use]
    pub fn misuse(self) -> Option<Misuse> {
        match self {
            Reply::Mark(Mark::Refused(misuse))
            | Reply::Unmark(Unmark::Refused(misuse))
            | Reply::Complete(Complete::Refused(misuse))
            | Reply::IsCanceled(IsCanceled::Refused(misuse)) => Some(misuse),
            _ => None,
        }
    }

    /// Whether the answer was withheld: it may have been any.
    #[must_use]
    pub fn is_untold(self) -> bool {
        matches!(
            self,
            Reply::Mark(Mark::Untold)
                | Reply::Unmark(Unmark::Untold)
                | Reply::Cancel(Cancel::Untold)
                | Reply::Complete(Complete::Untold)
                | Reply::IsCanceled(IsCanceled::Untold)
        )
    }

    /// Whether a call that was answered `self` may have been answered `allowed` by the machine of `contract`: it is the same
    /// answer, or one that says nothing. An untold answer is any of the same call. Where is-canceled speaks of requests alone
    /// that are owned and unmarked, "no" is as good an answer about one that has ended as a refusal; and where it tells of what
    /// outlives the request, so is either answer.
    #[must_use]
    pub fn agrees_with(self, allowed: Reply, contract: &Contract) -> bool {
        let says_nothing =
            self.is_untold() || (contract.cancel_is_untold() && matches!(self, Reply::Cancel(_)));
        let is_of_the_dead = allowed == Reply::IsCanceled(IsCanceled::Refused(Misuse::AlreadyCompleted))
            && matches!(
                (self, contract.is_canceled_while_marked),
                (Reply::IsCanceled(IsCanceled::No), IsCanceledWhileMarked::AnswersNo)
                    | (Reply::IsCanceled(IsCanceled::Yes | IsCanceled::No), IsCanceledWhileMarked::Tells)
            );
        self == allowed || is_of_the_dead || (says_nothing && discriminant(&self) == discriminant(&allowed))
    }
}
