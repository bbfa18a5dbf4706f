//! The points in which frameworks differ, as data.
//!
//! The machine reads a [`Contract`] wherever two published frameworks answer the same call differently. Everything
//! else is common to all of them. Sources of the Windows contracts are sections of the request cancellation
//! specification that the suite is written against (its sections 2.4 and 2.7); the others are in [`presets`], each
//! with the page of documentation that it follows.

mod further;
mod points;
pub mod presets;
mod questions;
mod within;

use core::fmt;

pub use points::{
    Asking, CallbackAfterCompletion, CallbackCalls, CallbackPanics, CallbackRuns, CancelAfterEnd,
    CancelAnswers, CancelClaims, CancelReturns, CancelWhileUnmarked, CompleteAfterCancel,
    CompleteDuringCallback, CompleteWhileCancelable, Completing, Delivering, EndWhileCancelable,
    IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim, MarkWhileMarked, Misusing, Receiving,
    UnmarkDuringCallback, UnmarkUnmarked, Unmarking,
};

/// The rules one framework sets where frameworks differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Contract {
    /// The name under which reports speak of it.
    pub name: &'static str,
    /// Mark on a request whose cancel was already asked for.
    pub mark_after_cancel: MarkAfterCancel,
    /// Mark on a request that is marked.
    pub mark_while_marked: MarkWhileMarked,
    /// Mark on a request that a cancel has claimed.
    pub mark_after_claim: MarkAfterClaim,
    /// Unmark on a request that is not marked, or has ended.
    pub unmark_unmarked: UnmarkUnmarked,
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
    /// Cancel on a request that has ended.
    pub cancel_after_end: CancelAfterEnd,
    /// When a cancel returns.
    pub cancel_returns: CancelReturns,
    /// Where the callback runs.
    pub callback_runs: CallbackRuns,
    /// Whether there is an unmark.
    pub unmarking: Unmarking,
    /// Complete on a request that was canceled.
    pub complete_after_cancel: CompleteAfterCancel,
    /// What the callback may call.
    pub callback_calls: CallbackCalls,
    /// A callback after completion.
    pub callback_after_completion: CallbackAfterCompletion,
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
    /// To whom requests are delivered.
    pub delivering: Delivering,
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
        mark_after_claim: MarkAfterClaim::Refuses,
        unmark_unmarked: UnmarkUnmarked::Refuses,
        unmark_during_callback: UnmarkDuringCallback::Answers,
        complete_while_cancelable: CompleteWhileCancelable::Refuses,
        complete_during_callback: CompleteDuringCallback::Answers,
        is_canceled_while_marked: IsCanceledWhileMarked::AnswersNo,
        cancel_while_unmarked: CancelWhileUnmarked::Remembers,
        cancel_answers: CancelAnswers::WhetherItClaimed,
        cancel_claims: CancelClaims::WhenItAsks,
        cancel_after_end: CancelAfterEnd::FindsNothing,
        cancel_returns: CancelReturns::AtOnce,
        callback_runs: CallbackRuns::Anywhere,
        unmarking: Unmarking::Offered,
        complete_after_cancel: CompleteAfterCancel::Needed,
        callback_calls: CallbackCalls::Anything,
        callback_after_completion: CallbackAfterCompletion::Never,
        callback_panics: CallbackPanics::ReachTheCaller,
        end_while_cancelable: EndWhileCancelable::Forgets,
        completing: Completing::Offered,
        asking: Asking::Offered,
        receiving: Receiving::NotOffered,
        delivering: Delivering::ToTheProgram,
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
    pub const PRESETS: [Contract; 29] = [
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
        Contract::STOP_SOURCE,
        Contract::STDEXEC,
        Contract::FOLLY_TOKEN,
        Contract::TOKIO_TOKEN,
        Contract::ABORT_HANDLE,
        Contract::ABORT_SIGNAL,
        Contract::ASYNCIO_TASK,
        Contract::FUTURE_TASK,
        Contract::COMPLETABLE_FUTURE,
        Contract::JOB_CANCEL,
        Contract::IO_URING,
        Contract::IO_URING_DEFERRED,
        Contract::THREADPOOL_IO,
        Contract::WORK_SYNC,
        Contract::TIMER_SYNC,
        Contract::URB,
        Contract::KILL_URB,
        Contract::KIOCB,
        Contract::IOCSQ,
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
    fn points(&self) -> [(&'static str, String); 25] {
        [
            ("mark after cancel", format!("{:?}", self.mark_after_cancel)),
            ("mark while marked", format!("{:?}", self.mark_while_marked)),
            ("mark after a claim", format!("{:?}", self.mark_after_claim)),
            ("unmark of what is not marked", format!("{:?}", self.unmark_unmarked)),
            ("unmark during the callback", format!("{:?}", self.unmark_during_callback)),
            ("complete while cancelable", format!("{:?}", self.complete_while_cancelable)),
            ("complete during the callback", format!("{:?}", self.complete_during_callback)),
            ("is-canceled while marked", format!("{:?}", self.is_canceled_while_marked)),
            ("cancel while unmarked", format!("{:?}", self.cancel_while_unmarked)),
            ("cancel answers", format!("{:?}", self.cancel_answers)),
            ("cancel claims", format!("{:?}", self.cancel_claims)),
            ("cancel after the end", format!("{:?}", self.cancel_after_end)),
            ("cancel returns", format!("{:?}", self.cancel_returns)),
            ("the callback runs", format!("{:?}", self.callback_runs)),
            ("unmark", format!("{:?}", self.unmarking)),
            ("complete after cancel", format!("{:?}", self.complete_after_cancel)),
            ("the callback calls", format!("{:?}", self.callback_calls)),
            ("callback after completion", format!("{:?}", self.callback_after_completion)),
            ("panics of the callback", format!("{:?}", self.callback_panics)),
            ("end while cancelable", format!("{:?}", self.end_while_cancelable)),
            ("complete", format!("{:?}", self.completing)),
            ("is-canceled", format!("{:?}", self.asking)),
            ("receive", format!("{:?}", self.receiving)),
            ("deliver", format!("{:?}", self.delivering)),
            ("misuse", format!("{:?}", self.misusing)),
        ]
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
