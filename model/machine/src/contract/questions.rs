//! Questions about what a contract says.

use super::{
    Asking, CallbackAfterCompletion, CallbackCalls, CallbackRuns, CancelAfterEnd, CancelAnswers,
    CancelClaims, CancelReturns, CancelWhileUnmarked, CompleteAfterCancel, CompleteDuringCallback,
    CompleteWhileCancelable, Completing, Contract, Delivering, EndWhileCancelable, MarkAfterCancel,
    MarkAfterClaim, MarkWhileMarked, Misusing, Receiving, UnmarkDuringCallback, UnmarkUnmarked, Unmarking,
};

impl Contract {
    /// Whether a mark of a marked request takes the place of the one before it.
    #[must_use]
    pub fn marks_replace(&self) -> bool {
        self.mark_while_marked == MarkWhileMarked::Replaces
    }

    /// Whether unmark waits for a running callback.
    #[must_use]
    pub fn unmark_waits(&self) -> bool {
        self.unmark_during_callback != UnmarkDuringCallback::Answers
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

    /// Whether a cancel waits for a callback that is owed or runs.
    #[must_use]
    pub fn cancel_waits(&self) -> bool {
        self.cancel_returns == CancelReturns::WhenCallbackReturned
    }

    /// Whether any call waits for a running callback.
    #[must_use]
    pub fn waits_for_callbacks(&self) -> bool {
        self.unmark_waits() || self.completion_waits() || self.cancel_waits()
    }

    /// Whether a mark that finds a cancel is accepted and never called.
    #[must_use]
    pub fn ignores_late_marks(&self) -> bool {
        self.mark_after_cancel == MarkAfterCancel::Ignores
    }

    /// Whether a mark after a claim stands anew.
    #[must_use]
    pub fn rearms(&self) -> bool {
        self.mark_after_claim == MarkAfterClaim::Rearms
    }

    /// Whether an unmark of what is not marked is harmless.
    #[must_use]
    pub fn unmarks_twice(&self) -> bool {
        self.unmark_unmarked != UnmarkUnmarked::Refuses
    }

    /// Whether a callback may come after a completion that took the mark with it.
    #[must_use]
    pub fn calls_back_after_completion(&self) -> bool {
        self.callback_after_completion == CallbackAfterCompletion::MayCome
    }

    /// Whether the answer "claimed" says that the cancel led to a callback.
    #[must_use]
    pub fn cancel_tells_claims(&self) -> bool {
        self.cancel_answers == CancelAnswers::WhetherItClaimed
    }

    /// Whether a cancel answers yes, whatever that means here: `is_first` of all that asked, and whether it `claims`. Where
    /// executing operations may be counted, this is the answer that does not count them.
    #[must_use]
    pub fn cancel_says_yes(&self, is_first: bool, claims: bool) -> bool {
        match self.cancel_answers {
            CancelAnswers::WhetherItClaimed | CancelAnswers::HowManyItFound | CancelAnswers::Nothing => {
                claims
            }
            CancelAnswers::WhetherItAskedFirst => is_first,
            CancelAnswers::WhetherSomebodyAskedBefore => !is_first,
            CancelAnswers::WhetherItCanBe => true,
        }
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

    /// Whether requests are delivered to the handlers of a driver, which is what is judged.
    #[must_use]
    pub fn delivers_to_a_driver(&self) -> bool {
        self.delivering == Delivering::ToADriver
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
            && self.is_as_windows_elsewhere()
    }

    /// Whether the points that no Windows contract needs are as they are there.
    #[must_use]
    pub fn is_as_windows_elsewhere(&self) -> bool {
        !self.ignores_late_marks()
            && self.mark_after_claim == MarkAfterClaim::Refuses
            && self.unmark_unmarked != UnmarkUnmarked::AnswersCanceled
            && self.unmark_during_callback != UnmarkDuringCallback::WaitsEvenForItself
            && matches!(self.cancel_answers, CancelAnswers::WhetherItClaimed | CancelAnswers::Nothing)
            && self.cancel_after_end == CancelAfterEnd::FindsNothing
            && !self.cancel_waits()
            && self.callback_calls == CallbackCalls::Anything
            && !self.calls_back_after_completion()
    }
}
