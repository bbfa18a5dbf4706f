//! Which contracts demand more than others.

use super::{
    CallbackAfterCompletion, CallbackCalls, CallbackPanics, CallbackRuns, CancelAnswers, CancelClaims,
    CancelReturns, CancelWhileUnmarked, CompleteDuringCallback, Contract, UnmarkDuringCallback,
    UnmarkUnmarked,
};

impl Contract {
    /// Whether everything that this contract allows is allowed by `other`: point by point, each says the same, or this one says
    /// more. A request that keeps the stricter of two presets keeps the other as well, and is told of the stricter alone.
    ///
    /// # Example
    ///
    /// ```
    /// use cancelproof_machine::Contract;
    ///
    /// assert!(Contract::DOTNET_DISPOSE.is_within(&Contract::DOTNET_UNREGISTER));
    /// assert!(!Contract::DOTNET_UNREGISTER.is_within(&Contract::DOTNET_DISPOSE));
    /// ```
    #[must_use]
    pub fn is_within(&self, other: &Contract) -> bool {
        // What a point allows beside what the other says.
        let says_more = Contract {
            name: other.name,
            unmark_unmarked: looser(
                self.unmark_unmarked,
                other.unmark_unmarked,
                &[
                    (UnmarkUnmarked::Refuses, UnmarkUnmarked::MayRefuse),
                    (UnmarkUnmarked::AnswersCanceled, UnmarkUnmarked::MayRefuse),
                ],
            ),
            unmark_during_callback: looser(
                self.unmark_during_callback,
                other.unmark_during_callback,
                &[(UnmarkDuringCallback::Waits, UnmarkDuringCallback::Answers)],
            ),
            complete_during_callback: looser(
                self.complete_during_callback,
                other.complete_during_callback,
                &[(CompleteDuringCallback::Waits, CompleteDuringCallback::Answers)],
            ),
            cancel_while_unmarked: looser(
                self.cancel_while_unmarked,
                other.cancel_while_unmarked,
                &[(CancelWhileUnmarked::Forgets, CancelWhileUnmarked::MayInterrupt)],
            ),
            cancel_answers: if other.cancel_answers == CancelAnswers::Nothing {
                CancelAnswers::Nothing
            } else {
                self.cancel_answers
            },
            cancel_claims: looser(
                self.cancel_claims,
                other.cancel_claims,
                &[(CancelClaims::WhenItAsks, CancelClaims::AfterItAsked)],
            ),
            cancel_returns: looser(
                self.cancel_returns,
                other.cancel_returns,
                &[(CancelReturns::WhenCallbackReturned, CancelReturns::AtOnce)],
            ),
            callback_runs: if other.callback_runs == CallbackRuns::Anywhere {
                CallbackRuns::Anywhere
            } else {
                self.callback_runs
            },
            callback_calls: looser(
                self.callback_calls,
                other.callback_calls,
                &[(CallbackCalls::Anything, CallbackCalls::Nothing)],
            ),
            callback_after_completion: looser(
                self.callback_after_completion,
                other.callback_after_completion,
                &[(CallbackAfterCompletion::Never, CallbackAfterCompletion::MayCome)],
            ),
            callback_panics: looser(
                self.callback_panics,
                other.callback_panics,
                &[(CallbackPanics::ReachTheCaller, CallbackPanics::AreForbidden)],
            ),
            ..*self
        };
        says_more == *other
    }
}

/// What `other` says if that is looser than what is said `here`, or else what is said here.
fn looser<T: Copy + PartialEq>(here: T, other: T, stricter: &[(T, T)]) -> T {
    if stricter.contains(&(here, other)) { other } else { here }
}
