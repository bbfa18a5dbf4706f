//! The points in which frameworks differ, as data.
//!
//! The machine reads a [`Contract`] wherever two published frameworks answer the same call differently. Everything
//! else is common to all of them. Sources of the Windows contracts are sections of the request cancellation
//! specification that the suite is written against (its sections 2.4 and 2.7); the others are in [`presets`], each
//! with the page of documentation that it follows.

pub mod presets;

use core::fmt;

/// What mark does with a request whose cancel has already been asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkAfterCancel {
    /// The mark is accepted and the callback is called, before or after mark returns
    /// (`IWDFIoRequest::MarkCancelable`, `WdfRequestMarkCancelable`).
    CallsBack,
    /// The mark is refused with "canceled"; no callback comes and the driver completes the request
    /// (`WdfRequestMarkCancelableEx`).
    Refuses,
}

/// What mark does with a request that is already marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarkWhileMarked {
    /// The call is refused as a misuse; the first mark stands.
    Refuses,
    /// The new callback takes the place of the old one, which is given back and never called (the waker that is left at
    /// each poll of a future).
    Replaces,
}

/// What unmark does while the callback is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnmarkDuringCallback {
    /// It answers "canceled" at once.
    Answers,
    /// It waits until the callback has returned, unless it is called from the callback itself, and then answers
    /// "canceled".
    Waits,
}

/// What complete does with a request that is still cancelable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteWhileCancelable {
    /// The call is refused as a misuse; the request stays cancelable.
    Refuses,
    /// The call unmarks and completes in one step.
    Disarms,
}

/// What complete does while a callback is owed or runs on another thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteDuringCallback {
    /// It answers at once. While the callback is owed it is refused; while it runs, completion is the callback's own
    /// business, and whoever else completes may not take away what the callback uses.
    Answers,
    /// It waits until the callback has returned, unless it is called from the callback itself, and then completes (the
    /// destructor of `std::stop_callback`, at the end of its scope).
    Waits,
}

/// What the answer of a cancel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelAnswers {
    /// Whether this call led to the callback (`IoCancelIrp`).
    WhetherItClaimed,
    /// Nothing: the real call returns no value (`CancellationTokenSource.Cancel`, a Go `CancelFunc`,
    /// `AbortController.abort`). Whatever an adapter answers is not looked at; [`Cancel::Untold`] is the honest word.
    ///
    /// [`Cancel::Untold`]: crate::request::Cancel::Untold
    Nothing,
}

/// When a cancel claims what it finds marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelClaims {
    /// In the step in which it asks.
    WhenItAsks,
    /// It asks first and claims later, before it returns. In between is-canceled may say so already, a further cancel
    /// returns at once, and an unmark is still granted (`CancellationTokenSource` raises its flag and then takes one
    /// registration after another).
    AfterItAsked,
}

/// What is-canceled does while the request is marked or its cancel has been claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IsCanceledWhileMarked {
    /// It answers no: only an unmarked request is said to be canceled (`IWDFIoRequest2::IsCanceled`).
    AnswersNo,
    /// The call is refused as a misuse (the verifier's break in `WdfRequestIsCanceled`).
    Refuses,
    /// It answers yes as soon as a cancel has claimed the request (`stop_token::stop_requested`,
    /// `CancellationToken.IsCancellationRequested`); where a cancel asks before it claims
    /// ([`CancelClaims::AfterItAsked`]) it may say so from then on.
    Tells,
}

/// What becomes of a cancel that finds the request unmarked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelWhileUnmarked {
    /// It is remembered: the next mark finds it.
    Remembers,
    /// It is answered "not claimed" and has no effect: whoever wants the request canceled asks again
    /// (`-EALREADY` of `IORING_OP_ASYNC_CANCEL`).
    Forgets,
    /// It is answered "not claimed", and may interrupt what executes all the same: whoever marks later may find it, and
    /// need not (`-EALREADY`, where what executes is in a wait that the cancel interrupts).
    MayInterrupt,
}

/// Where the callback runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackRuns {
    /// The contract does not say: in the call that led to it, or later on any thread.
    Anywhere,
    /// On the thread of the mark or cancel that led to it, before that call returns.
    InTheCall,
    /// On a thread of its own, for which no call waits.
    OnItsOwnThread,
}

/// Whether a mark can be taken back at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unmarking {
    /// Unmark takes it back.
    Offered,
    /// There is no such call: a mark ends with the request. An adapter refuses it as
    /// [`Misuse::NotOffered`](crate::machine::Misuse::NotOffered).
    NotOffered,
}

/// Who ends a request that was canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompleteAfterCancel {
    /// The driver or the callback: a canceled request still has to be completed.
    Needed,
    /// The cancel itself has ended it: a completion that comes later is answered "canceled", has no effect, and is
    /// no misuse.
    TooLate,
}

/// What a panic of the callback is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallbackPanics {
    /// It reaches the caller of the mark or cancel that led to the callback.
    ReachTheCaller,
    /// Callbacks must not panic; the process may end if one does.
    AreForbidden,
}

/// What becomes of a mark that still stands when the request is destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndWhileCancelable {
    /// It ends without a callback.
    Forgets,
    /// The end is a cancel: it calls back before it returns (a guard that cancels when it is dropped, a future that
    /// abandons its operation).
    CallsBack,
}

/// Whether there is a call that completes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completing {
    /// Complete ends it.
    Offered,
    /// There is no such call: the end of the operation is its owner's own business, and the type knows nothing of it (a
    /// cancellation token). An adapter leaves [`complete`](crate::request::CancelableRequest::complete) out.
    NotOffered,
}

/// Whether a request can be asked if it was canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asking {
    /// Is-canceled answers.
    Offered,
    /// There is no such call. An adapter leaves [`is_canceled`](crate::request::CancelableRequest::is_canceled) out.
    NotOffered,
}

/// Whether the request hands on a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Receiving {
    /// It has none to hand on; who wants to know of a cancel marks.
    NotOffered,
    /// Its completion brings a result that somebody else receives, and nothing is marked (a channel for one value).
    InsteadOfMarking,
}

/// What becomes of calls that break the driver's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misusing {
    /// They can be made, and are refused.
    IsRefused,
    /// The types exclude them: the calls take their owner by `&mut self` or by value, so no program makes them.
    IsExcluded,
}

/// The rules one framework sets where frameworks differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Contract {
    /// The name under which reports speak of it.
    pub name: &'static str,
    /// Mark on a request whose cancel was already asked for.
    pub mark_after_cancel: MarkAfterCancel,
    /// Mark on a request that is marked.
    pub mark_while_marked: MarkWhileMarked,
    /// Unmark while the callback runs.
    pub unmark_during_callback: UnmarkDuringCallback,
    /// Complete on a cancelable request.
    pub complete_while_cancelable: CompleteWhileCancelable,
    /// Complete while the callback is owed or runs elsewhere.
    pub complete_during_callback: CompleteDuringCallback,
    /// Is-canceled on a marked request.
    pub is_canceled_while_marked: IsCanceledWhileMarked,
    /// Cancel on a request that is not marked.
    pub cancel_while_unmarked: CancelWhileUnmarked,
    /// What the answer of a cancel says.
    pub cancel_answers: CancelAnswers,
    /// When a cancel claims.
    pub cancel_claims: CancelClaims,
    /// Where the callback runs.
    pub callback_runs: CallbackRuns,
    /// Whether there is an unmark.
    pub unmarking: Unmarking,
    /// Complete on a request that was canceled.
    pub complete_after_cancel: CompleteAfterCancel,
    /// A panic of the callback.
    pub callback_panics: CallbackPanics,
    /// The end of a request that is still marked.
    pub end_while_cancelable: EndWhileCancelable,
    /// Whether there is a complete.
    pub completing: Completing,
    /// Whether there is an is-canceled.
    pub asking: Asking,
    /// Whether there is a result to receive.
    pub receiving: Receiving,
    /// Calls that break the driver's rules.
    pub misusing: Misusing,
}

impl Contract {
    /// UMDF 1: `IWDFIoRequest` with `MarkCancelable` (void) and `IWDFIoRequest2::IsCanceled`, which is documented to answer
    /// `FALSE` of a request that the driver does not own: so does it of one that has ended, or it refuses the question.
    pub const UMDF_1: Contract = Contract {
        name: "UMDF_1",
        mark_after_cancel: MarkAfterCancel::CallsBack,
        mark_while_marked: MarkWhileMarked::Refuses,
        unmark_during_callback: UnmarkDuringCallback::Answers,
        complete_while_cancelable: CompleteWhileCancelable::Refuses,
        complete_during_callback: CompleteDuringCallback::Answers,
        is_canceled_while_marked: IsCanceledWhileMarked::AnswersNo,
        cancel_while_unmarked: CancelWhileUnmarked::Remembers,
        cancel_answers: CancelAnswers::WhetherItClaimed,
        cancel_claims: CancelClaims::WhenItAsks,
        callback_runs: CallbackRuns::Anywhere,
        unmarking: Unmarking::Offered,
        complete_after_cancel: CompleteAfterCancel::Needed,
        callback_panics: CallbackPanics::ReachTheCaller,
        end_while_cancelable: EndWhileCancelable::Forgets,
        completing: Completing::Offered,
        asking: Asking::Offered,
        receiving: Receiving::NotOffered,
        misusing: Misusing::IsRefused,
    };

    /// KMDF and UMDF 2 with `WdfRequestMarkCancelable` (void), verifier on.
    pub const KMDF: Contract = Contract {
        name: "KMDF",
        is_canceled_while_marked: IsCanceledWhileMarked::Refuses,
        ..Contract::UMDF_1
    };

    /// KMDF and UMDF 2 with `WdfRequestMarkCancelableEx`, verifier on.
    pub const KMDF_EX: Contract =
        Contract { name: "KMDF_EX", mark_after_cancel: MarkAfterCancel::Refuses, ..Contract::KMDF };

    /// Registrations that end with their scope, as such: unmark and completion wait for a running callback, and completion
    /// takes the mark with it. [`Contract::STOP_CALLBACK`] is this with what C++ adds.
    pub const SCOPED: Contract = Contract {
        name: "SCOPED",
        unmark_during_callback: UnmarkDuringCallback::Waits,
        complete_while_cancelable: CompleteWhileCancelable::Disarms,
        complete_during_callback: CompleteDuringCallback::Waits,
        ..Contract::UMDF_1
    };

    /// Every preset, in the order in which lists show them.
    pub const PRESETS: [Contract; 10] = [
        Contract::UMDF_1,
        Contract::KMDF,
        Contract::KMDF_EX,
        Contract::SCOPED,
        Contract::STOP_CALLBACK,
        Contract::DOTNET_UNREGISTER,
        Contract::DOTNET_DISPOSE,
        Contract::AFTER_FUNC,
        Contract::INVOKE_ON_CANCELLATION,
        Contract::ASYNC_CANCEL,
    ];

    /// The preset of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Contract> {
        Contract::PRESETS.into_iter().find(|contract| contract.name == name)
    }

    /// The points in which `other` differs, each with what this one says and what the other says.
    ///
    /// # Example
    ///
    /// ```
    /// use cancelproof_machine::Contract;
    ///
    /// let differences = Contract::KMDF.differences(&Contract::KMDF_EX);
    /// assert_eq!(differences, [("mark after cancel", "CallsBack".to_owned(), "Refuses".to_owned())]);
    /// ```
    #[must_use]
    pub fn differences(&self, other: &Contract) -> Vec<(&'static str, String, String)> {
        let (mine, others) = (self.points(), other.points());
        let both = mine.into_iter().zip(others);
        both.filter(|(mine, other)| mine != other)
            .map(|((point, mine), (_, other))| (point, mine, other))
            .collect()
    }

    /// Every point by its name, with what this contract says.
    fn points(&self) -> [(&'static str, String); 18] {
        [
            ("mark after cancel", format!("{:?}", self.mark_after_cancel)),
            ("mark while marked", format!("{:?}", self.mark_while_marked)),
            ("unmark during the callback", format!("{:?}", self.unmark_during_callback)),
            ("complete while cancelable", format!("{:?}", self.complete_while_cancelable)),
            ("complete during the callback", format!("{:?}", self.complete_during_callback)),
            ("is-canceled while marked", format!("{:?}", self.is_canceled_while_marked)),
            ("cancel while unmarked", format!("{:?}", self.cancel_while_unmarked)),
            ("cancel answers", format!("{:?}", self.cancel_answers)),
            ("cancel claims", format!("{:?}", self.cancel_claims)),
            ("the callback runs", format!("{:?}", self.callback_runs)),
            ("unmark", format!("{:?}", self.unmarking)),
            ("complete after cancel", format!("{:?}", self.complete_after_cancel)),
            ("panics of the callback", format!("{:?}", self.callback_panics)),
            ("end while cancelable", format!("{:?}", self.end_while_cancelable)),
            ("complete", format!("{:?}", self.completing)),
            ("is-canceled", format!("{:?}", self.asking)),
            ("receive", format!("{:?}", self.receiving)),
            ("misuse", format!("{:?}", self.misusing)),
        ]
    }

    /// Whether a mark of a marked request takes the place of the one before it.
    #[must_use]
    pub fn marks_replace(&self) -> bool {
        self.mark_while_marked == MarkWhileMarked::Replaces
    }

    /// Whether unmark waits for a running callback.
    #[must_use]
    pub fn unmark_waits(&self) -> bool {
        self.unmark_during_callback == UnmarkDuringCallback::Waits
    }

    /// Whether completion of a cancelable request unmarks it.
    #[must_use]
    pub fn completion_disarms(&self) -> bool {
        self.complete_while_cancelable == CompleteWhileCancelable::Disarms
    }

    /// Whether completion waits for a running callback.
    #[must_use]
    pub fn completion_waits(&self) -> bool {
        self.complete_during_callback == CompleteDuringCallback::Waits
    }

    /// Whether any call waits for a running callback.
    #[must_use]
    pub fn waits_for_callbacks(&self) -> bool {
        self.unmark_waits() || self.completion_waits()
    }

    /// Whether the answer of a cancel says nothing, so that it is not judged.
    #[must_use]
    pub fn cancel_is_untold(&self) -> bool {
        self.cancel_answers == CancelAnswers::Nothing
    }

    /// Whether a cancel may ask before it claims.
    #[must_use]
    pub fn cancel_asks_first(&self) -> bool {
        self.cancel_claims == CancelClaims::AfterItAsked
    }

    /// Whether a cancel of an unmarked request is remembered.
    #[must_use]
    pub fn remembers_cancel(&self) -> bool {
        self.cancel_while_unmarked == CancelWhileUnmarked::Remembers
    }

    /// Whether a cancel of an unmarked request is forgotten.
    #[must_use]
    pub fn forgets_cancel(&self) -> bool {
        self.cancel_while_unmarked == CancelWhileUnmarked::Forgets
    }

    /// Whether the end of a marked request calls back.
    #[must_use]
    pub fn end_calls_back(&self) -> bool {
        self.end_while_cancelable == EndWhileCancelable::CallsBack
    }

    /// Whether a mark can be taken back.
    #[must_use]
    pub fn offers_unmark(&self) -> bool {
        self.unmarking == Unmarking::Offered
    }

    /// Whether there is a call that completes the request.
    #[must_use]
    pub fn offers_complete(&self) -> bool {
        self.completing == Completing::Offered
    }

    /// Whether the request can be asked if it was canceled.
    #[must_use]
    pub fn offers_is_canceled(&self) -> bool {
        self.asking == Asking::Offered
    }

    /// Whether a result is received, and nothing is marked.
    #[must_use]
    pub fn offers_receive(&self) -> bool {
        self.receiving == Receiving::InsteadOfMarking
    }

    /// Whether the types exclude calls that break the driver's rules.
    #[must_use]
    pub fn excludes_misuse(&self) -> bool {
        self.misusing == Misusing::IsExcluded
    }

    /// Whether the cancel itself ends the request.
    #[must_use]
    pub fn cancel_completes(&self) -> bool {
        self.complete_after_cancel == CompleteAfterCancel::TooLate
    }

    /// Whether only the state word and the callback's slot have to know of it: cancels are remembered, marks can be
    /// taken back, and callbacks are made by whoever leads to them. Requests that keep the three Windows contracts
    /// keep every such contract with little more.
    #[must_use]
    pub fn is_of_one_word(&self) -> bool {
        self.remembers_cancel()
            && !self.marks_replace()
            && self.offers_unmark()
            && self.offers_complete()
            && !self.cancel_completes()
            && self.callback_runs != CallbackRuns::OnItsOwnThread
    }
}

impl Default for Contract {
    fn default() -> Self {
        Contract::UMDF_1
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
