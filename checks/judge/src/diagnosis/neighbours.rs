//! Contracts that differ from a declared one in a single point.

use cancelproof_machine::Contract;
use cancelproof_machine::contract::{
    CallbackRuns, CancelAnswers, CancelClaims, CancelWhileUnmarked, CompleteAfterCancel,
    CompleteDuringCallback, CompleteWhileCancelable, EndWhileCancelable, IsCanceledWhileMarked,
    MarkAfterCancel, MarkWhileMarked, UnmarkDuringCallback,
};

/// Everything that each point can say. Whether unmark is offered and whether callbacks may panic is left out: to declare less would
/// only hide what is wrong there.
macro_rules! points {
    ($($point:ident: $type:ident { $($word:ident),+ }),+ $(,)?) => {
        /// The contracts that say something else than `declared` in one point, under the same name.
        pub(super) fn neighbours(declared: &Contract) -> Vec<Contract> {
            let mut all = Vec::new();
            $($({
                let changed = Contract { $point: $type::$word, ..*declared };
                if changed != *declared {
                    all.push(changed);
                }
            })+)+
            all
        }
    };
}

points! {
    mark_after_cancel: MarkAfterCancel { CallsBack, Refuses },
    mark_while_marked: MarkWhileMarked { Refuses, Replaces },
    unmark_during_callback: UnmarkDuringCallback { Answers, Waits },
    complete_while_cancelable: CompleteWhileCancelable { Refuses, Disarms },
    complete_during_callback: CompleteDuringCallback { Answers, Waits },
    cancel_answers: CancelAnswers { WhetherItClaimed, Nothing },
    cancel_claims: CancelClaims { WhenItAsks, AfterItAsked },
    is_canceled_while_marked: IsCanceledWhileMarked { AnswersNo, Refuses, Tells },
    cancel_while_unmarked: CancelWhileUnmarked { Remembers, Forgets, MayInterrupt },
    callback_runs: CallbackRuns { Anywhere, InTheCall, OnItsOwnThread },
    complete_after_cancel: CompleteAfterCancel { Needed, TooLate },
    end_while_cancelable: EndWhileCancelable { Forgets, CallsBack },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_differs_in_one_point() {
        let all = neighbours(&Contract::KMDF);
        // Twelve points, three of which can say three things.
        assert_eq!(all.len(), 12 + 3);
        assert!(all.iter().all(|other| Contract::KMDF.differences(other).len() == 1));
    }
}
