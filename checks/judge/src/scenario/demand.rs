//! What a contract must say for a scenario to make sense.

use cancelproof_machine::Contract;
use cancelproof_machine::contract::{
    CallbackCalls, CancelAnswers, IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim, UnmarkUnmarked,
};

/// What a contract must say for a scenario to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Demand {
    /// Mark after cancel calls back.
    MarkCallsBack,
    /// Mark after cancel is refused.
    MarkRefuses,
    /// A mark of a marked request takes the place of the one before it.
    MarkReplaces,
    /// Unmark waits for a running callback.
    UnmarkWaits,
    /// Unmark answers at once while the callback runs.
    UnmarkAnswers,
    /// Completion of a cancelable request is refused.
    CompleteRefuses,
    /// Completion of a cancelable request takes the mark with it.
    CompleteDisarms,
    /// Completion waits for a running callback.
    CompleteWaits,
    /// A cancel of an unmarked request is forgotten.
    CancelForgets,
    /// There is no unmark.
    NoUnmark,
    /// A cancel ends the request by itself.
    CancelCompletes,
    /// Is-canceled tells of a claim.
    Tells,
    /// A result is received, and nothing is marked.
    Receives,
    /// Requests are delivered to a driver.
    Delivers,
    /// A mark of a canceled request is accepted and never called.
    MarkIgnored,
    /// A mark of a claimed request is called as well.
    MarkCallsBackAgain,
    /// A mark of a claimed request stands anew.
    MarkRearms,
    /// An unmark of what is not marked is harmless.
    UnmarksTwice,
    /// A cancel tells whether anybody has asked before, or whether anybody still can.
    TellsWhoAsked,
    /// A cancel waits for the callback.
    CancelWaits,
    /// The callback calls nothing.
    CallbackCallsNothing,
    /// A callback may come after a completion that took the mark with it.
    CallsBackLate,
}

impl Demand {
    /// Whether `contract` says so.
    #[must_use]
    pub fn is_met_by(self, contract: &Contract) -> bool {
        match self {
            Demand::MarkCallsBack => {
                contract.mark_after_cancel == MarkAfterCancel::CallsBack && contract.remembers_cancel()
            }
            Demand::MarkRefuses => {
                contract.mark_after_cancel == MarkAfterCancel::Refuses && contract.remembers_cancel()
            }
            Demand::MarkReplaces => contract.marks_replace(),
            Demand::UnmarkWaits => contract.unmark_waits(),
            Demand::UnmarkAnswers => !contract.unmark_waits(),
            Demand::CompleteRefuses => !contract.completion_disarms(),
            Demand::CompleteDisarms => contract.completion_disarms(),
            Demand::CompleteWaits => contract.completion_waits(),
            Demand::CancelForgets => !contract.remembers_cancel(),
            Demand::NoUnmark => !contract.offers_unmark(),
            Demand::CancelCompletes => contract.cancel_completes(),
            Demand::Receives => contract.offers_receive(),
            Demand::Delivers => contract.delivers_to_a_driver(),
            Demand::MarkIgnored => contract.ignores_late_marks(),
            Demand::MarkCallsBackAgain => contract.mark_after_claim == MarkAfterClaim::CallsBack,
            Demand::MarkRearms => contract.rearms(),
            Demand::UnmarksTwice => contract.unmark_unmarked == UnmarkUnmarked::AnswersCanceled,
            Demand::TellsWhoAsked => matches!(
                contract.cancel_answers,
                CancelAnswers::WhetherItAskedFirst
                    | CancelAnswers::WhetherSomebodyAskedBefore
                    | CancelAnswers::WhetherItCanBe
            ),
            Demand::CancelWaits => contract.cancel_waits(),
            Demand::CallbackCallsNothing => contract.callback_calls == CallbackCalls::Nothing,
            Demand::CallsBackLate => contract.calls_back_after_completion(),
            Demand::Tells => contract.is_canceled_while_marked == IsCanceledWhileMarked::Tells,
        }
    }
}
