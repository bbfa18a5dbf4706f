//! What is asked of a request besides the judging of its scenarios, all of which runs code of its author's.

use cancelproof_machine::Contract;
use cancelproof_machine::contract::{
    Asking, CallbackAfterCompletion, CallbackCalls, CallbackPanics, CallbackRuns, CancelAfterEnd,
    CancelAnswers, CancelClaims, CancelReturns, CancelWhileUnmarked, CompleteAfterCancel,
    CompleteDuringCallback, CompleteWhileCancelable, Completing, Delivering, EndWhileCancelable,
    IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim, MarkWhileMarked, Misusing, Receiving,
    UnmarkDuringCallback, UnmarkUnmarked, Unmarking,
};
use serde::{Deserialize, Serialize};

use super::{Answer, Find, tool_failure};
use crate::diagnosis;
use crate::fuse;

/// A question about a request as such.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Check {
    /// Which contract it declares.
    Contract,
    /// Whether any operation of it goes through the runtime.
    Runtime,
    /// Which presets it keeps, whatever it declares; if none, what it declares with one point changed.
    Presets,
    /// What becomes of it when the driver of the party of this name crashes at any point.
    Crash(String),
    /// Whether executions of it leave memory behind; to be asked in a process that does nothing else.
    Leaks,
}

/// What came of a [`Check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Checked {
    /// The contract that it declares.
    Declares(Declaration),
    /// The contracts that it keeps instead of the one it declares; none if nothing is to be said about it.
    Keeps(Vec<Declaration>),
    /// Nothing is wrong.
    Passed,
    /// Something is, in words.
    Failed(String),
}

/// A contract as plain data that crosses to another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    name: String,
    /// For each point, in order, the place of what the contract says among all that can be said.
    points: Vec<usize>,
}

/// Makes a function that takes a contract apart and one that puts it together, from everything that each point can say. A point
/// that is missing here does not compile.
macro_rules! points {
    ($($point:ident: $type:ident { $($word:ident),+ }),+ $(,)?) => {
        impl From<&Contract> for Declaration {
            fn from(contract: &Contract) -> Self {
                let Contract { name, $($point),+ } = *contract;
                let mut points = Vec::new();
                $({
                    let place = match $point { $($type::$word => stringify!($word)),+ };
                    points.extend([$(stringify!($word)),+].iter().position(|word| *word == place));
                })+
                Declaration { name: name.to_owned(), points }
            }
        }

        impl Declaration {
            /// The contract; its name lives as long as the process. `None` if it was not made by this version.
            #[must_use]
            pub fn contract(&self) -> Option<Contract> {
                let mut points = self.points.iter();
                $(let $point = *[$($type::$word),+].get(*points.next()?)?;)+
                let name = match Contract::named(&self.name) {
                    Some(preset) => preset.name,
                    None => Box::leak(self.name.clone().into_boxed_str()),
                };
                points.next().is_none().then_some(Contract { name, $($point),+ })
            }
        }
    };
}

points! {
    mark_after_cancel: MarkAfterCancel { CallsBack, Refuses, Ignores },
    mark_while_marked: MarkWhileMarked { Refuses, Replaces },
    mark_after_claim: MarkAfterClaim { Refuses, AnswersCanceled, Ignores, CallsBack, Rearms },
    unmark_unmarked: UnmarkUnmarked { Refuses, AnswersCanceled, MayRefuse },
    unmark_during_callback: UnmarkDuringCallback { Answers, Waits, WaitsEvenForItself },
    complete_while_cancelable: CompleteWhileCancelable { Refuses, Disarms },
    complete_during_callback: CompleteDuringCallback { Answers, Waits },
    cancel_answers: CancelAnswers {
        WhetherItClaimed,
        WhetherItAskedFirst,
        WhetherSomebodyAskedBefore,
        WhetherItCanBe,
        HowManyItFound,
        Nothing
    },
    cancel_claims: CancelClaims { WhenItAsks, AfterItAsked },
    cancel_after_end: CancelAfterEnd { FindsNothing, Asks },
    cancel_returns: CancelReturns { AtOnce, WhenCallbackReturned },
    is_canceled_while_marked: IsCanceledWhileMarked { AnswersNo, Refuses, Tells },
    cancel_while_unmarked: CancelWhileUnmarked { Remembers, Forgets, MayInterrupt },
    callback_runs: CallbackRuns { Anywhere, InTheCall, OnItsOwnThread },
    unmarking: Unmarking { Offered, NotOffered },
    complete_after_cancel: CompleteAfterCancel { Needed, TooLate },
    callback_calls: CallbackCalls { Anything, Nothing },
    callback_after_completion: CallbackAfterCompletion { Never, MayCome },
    callback_panics: CallbackPanics { ReachTheCaller, AreForbidden },
    end_while_cancelable: EndWhileCancelable { Forgets, CallsBack },
    completing: Completing { Offered, NotOffered },
    asking: Asking { Offered, NotOffered },
    receiving: Receiving { NotOffered, InsteadOfMarking },
    delivering: Delivering { ToTheProgram, ToADriver },
    misusing: Misusing { IsRefused, IsExcluded },
}

/// Asks the request of that name.
pub(super) fn check(find: Find, request: &str, check: &Check) -> Answer {
    let Some(subject) = find(request) else { return tool_failure("unknown request".to_owned()) };
    Answer::Checked(match check {
        Check::Contract => Checked::Declares(Declaration::from(&subject.contract())),
        Check::Runtime => match diagnosis::sees_no_operation(subject) {
            Some(true) => Checked::Failed(
                "not one operation of the request goes through the runtime, so no engine can reorder anything in it. \
                 hint: use `R::Mutex`, `R::AtomicU8` and so on instead of the types of std::sync"
                    .to_owned(),
            ),
            _ => Checked::Passed,
        },
        Check::Presets => {
            let mismatch = diagnosis::explain(subject);
            let kept = mismatch.iter().flat_map(|mismatch| &mismatch.kept);
            Checked::Keeps(kept.map(Declaration::from).collect())
        }
        Check::Crash(party) => {
            let Some(party) = fuse::PARTIES.iter().find(|known| known.name == party) else {
                return tool_failure(format!("unknown party {party:?}"));
            };
            let grid = fuse::crash_at_every_point(subject, party);
            failed_if_any(&grid.violations().collect::<Vec<_>>())
        }
        Check::Leaks => failed_if_any(&diagnosis::leak(subject).iter().map(ToString::to_string).collect::<Vec<_>>()),
    })
}

fn failed_if_any(words: &[String]) -> Checked {
    if words.is_empty() { Checked::Passed } else { Checked::Failed(words.join("\n")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contract_is_put_together_again() {
        for preset in Contract::PRESETS {
            assert_eq!(Declaration::from(&preset).contract(), Some(preset));
        }
        let own = Contract { name: "MINE", ..Contract::KMDF };
        let mut declared = Declaration::from(&own);
        assert_eq!(declared.contract(), Some(own));
        declared.points.push(0);
        assert_eq!(declared.contract(), None);
        declared.points.clear();
        assert_eq!(declared.contract(), None);
    }
}
