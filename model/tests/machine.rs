//! The machine: its whole table as a reviewed snapshot, and its laws.

use cancelproof_model::contract::{
    Asking, CallbackAfterCompletion, CallbackCalls, CallbackPanics, CallbackRuns, CancelAfterEnd,
    CancelAnswers, CancelClaims, CancelReturns, CancelWhileUnmarked, CompleteAfterCancel,
    CompleteDuringCallback, CompleteWhileCancelable, Completing, Contract, Delivering, EndWhileCancelable,
    IsCanceledWhileMarked, MarkAfterCancel, MarkAfterClaim, MarkWhileMarked, Misusing, Receiving,
    UnmarkDuringCallback, UnmarkUnmarked, Unmarking,
};
use cancelproof_model::machine::{Call, CallbackPhase, CancelBit, State, step};
use quickcheck::{Arbitrary, Gen, QuickCheck};

/// One line for each state and call: every allowed outcome.
fn table(contract: &Contract) -> String {
    let mut lines = Vec::new();
    for state in State::ALL {
        if state == State::Asked && !contract.cancel_asks_first() {
            continue;
        }
        let calls = Call::ALL.into_iter().filter(|call| *call != Call::Claim || contract.cancel_asks_first());
        for call in calls {
            let outcomes: Vec<String> = step(contract, state, call)
                .iter()
                .map(|outcome| {
                    let reply = outcome.reply.to_string();
                    let answer = if reply.is_empty() { String::new() } else { format!("{reply} -> ") };
                    format!("{answer}{}", outcome.state)
                })
                .collect();
            let outcomes = if outcomes.is_empty() { "-".to_owned() } else { outcomes.join("  or  ") };
            lines.push(format!("{:<31}{:<17} {outcomes}", state.to_string(), call.to_string()));
        }
        lines.push(String::new());
    }
    lines.join("\n")
}

#[test]
fn the_whole_table_of_each_preset_is_reviewed() {
    for contract in &Contract::PRESETS {
        insta::assert_snapshot!(format!("table-{contract}"), table(contract));
    }
}

/// Any contract and any sequence of calls, each with a choice among its outcomes.
#[derive(Clone, Debug)]
struct Run {
    contract: Contract,
    steps: Vec<(Call, bool)>,
}

impl Arbitrary for Run {
    fn arbitrary(g: &mut Gen) -> Self {
        let contract = Contract {
            name: "any",
            mark_after_cancel: *g
                .choose(&[MarkAfterCancel::CallsBack, MarkAfterCancel::Refuses, MarkAfterCancel::Ignores])
                .unwrap(),
            mark_while_marked: *g.choose(&[MarkWhileMarked::Refuses, MarkWhileMarked::Replaces]).unwrap(),
            mark_after_claim: *g
                .choose(&[
                    MarkAfterClaim::Refuses,
                    MarkAfterClaim::AnswersCanceled,
                    MarkAfterClaim::Ignores,
                    MarkAfterClaim::CallsBack,
                ])
                .unwrap(),
            unmark_unmarked: *g.choose(&[UnmarkUnmarked::Refuses, UnmarkUnmarked::AnswersCanceled]).unwrap(),
            unmark_during_callback: *g
                .choose(&[
                    UnmarkDuringCallback::Answers,
                    UnmarkDuringCallback::Waits,
                    UnmarkDuringCallback::WaitsEvenForItself,
                ])
                .unwrap(),
            complete_while_cancelable: *g
                .choose(&[CompleteWhileCancelable::Refuses, CompleteWhileCancelable::Disarms])
                .unwrap(),
            is_canceled_while_marked: *g
                .choose(&[
                    IsCanceledWhileMarked::AnswersNo,
                    IsCanceledWhileMarked::Refuses,
                    IsCanceledWhileMarked::Tells,
                ])
                .unwrap(),
            cancel_while_unmarked: *g
                .choose(&[
                    CancelWhileUnmarked::Remembers,
                    CancelWhileUnmarked::Forgets,
                    CancelWhileUnmarked::MayInterrupt,
                ])
                .unwrap(),
            complete_during_callback: *g
                .choose(&[CompleteDuringCallback::Answers, CompleteDuringCallback::Waits])
                .unwrap(),
            cancel_answers: *g
                .choose(&[
                    CancelAnswers::WhetherItClaimed,
                    CancelAnswers::WhetherItAskedFirst,
                    CancelAnswers::WhetherSomebodyAskedBefore,
                    CancelAnswers::WhetherItCanBe,
                    CancelAnswers::HowManyItFound,
                    CancelAnswers::Nothing,
                ])
                .unwrap(),
            cancel_claims: *g.choose(&[CancelClaims::WhenItAsks, CancelClaims::AfterItAsked]).unwrap(),
            cancel_after_end: *g.choose(&[CancelAfterEnd::FindsNothing, CancelAfterEnd::Asks]).unwrap(),
            cancel_returns: *g.choose(&[CancelReturns::AtOnce, CancelReturns::WhenCallbackReturned]).unwrap(),
            callback_runs: CallbackRuns::Anywhere,
            unmarking: *g.choose(&[Unmarking::Offered, Unmarking::NotOffered]).unwrap(),
            complete_after_cancel: *g
                .choose(&[CompleteAfterCancel::Needed, CompleteAfterCancel::TooLate])
                .unwrap(),
            callback_calls: CallbackCalls::Anything,
            callback_after_completion: CallbackAfterCompletion::Never,
            callback_panics: CallbackPanics::ReachTheCaller,
            end_while_cancelable: EndWhileCancelable::Forgets,
            completing: *g.choose(&[Completing::Offered, Completing::NotOffered]).unwrap(),
            asking: *g.choose(&[Asking::Offered, Asking::NotOffered]).unwrap(),
            receiving: Receiving::NotOffered,
            delivering: Delivering::ToTheProgram,
            misusing: Misusing::IsRefused,
        };
        let steps = (0..g.size()).map(|_| (*g.choose(&Call::ALL).unwrap(), bool::arbitrary(g))).collect();
        Run { contract, steps }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let contract = self.contract;
        let shorter = |at: usize, steps: &[(Call, bool)]| {
            let mut steps = steps.to_vec();
            steps.remove(at);
            Run { contract, steps }
        };
        let all: Vec<Run> = (0..self.steps.len()).map(|at| shorter(at, &self.steps)).collect();
        Box::new(all.into_iter())
    }
}

impl Run {
    /// The states that the run goes through, each with the call that led there; calls that must not take effect are
    /// left out.
    fn path(&self) -> Vec<(State, Call, State)> {
        let mut state = State::INITIAL;
        let mut path = Vec::new();
        for &(call, takes_last) in &self.steps {
            let outcomes = step(&self.contract, state, call);
            let chosen = if takes_last { outcomes.iter().last() } else { outcomes.iter().next() };
            if let Some(outcome) = chosen {
                path.push((state, call, outcome.state));
                state = outcome.state;
            }
        }
        path
    }
}

fn holds(law: fn(Run) -> bool) {
    QuickCheck::new().tests(2_000).quickcheck(law as fn(Run) -> bool);
}

#[test]
fn nothing_leads_out_of_the_completed_state() {
    holds(|run| {
        run.path()
            .iter()
            .all(|(from, _, to)| !matches!(from, State::Completed(_)) || matches!(to, State::Completed(_)))
    });
}

#[test]
fn each_claim_starts_one_callback_and_nothing_else_does() {
    holds(|run| {
        let path = run.path();
        let owed = State::Canceled(CallbackPhase::NotStarted);
        let claims = path.iter().filter(|(from, _, to)| *from != owed && *to == owed).count();
        let starts = path.iter().filter(|(_, call, _)| *call == Call::CallbackStart).count();
        let still_owed = usize::from(path.last().is_some_and(|(_, _, to)| *to == owed));
        claims == starts + still_owed
    });
}

#[test]
fn a_refused_call_changes_nothing() {
    holds(|run| {
        run.path().iter().all(|&(from, call, _)| {
            step(&run.contract, from, call)
                .iter()
                .all(|outcome| outcome.reply.misuse().is_none() || outcome.state == from)
        })
    });
}

#[test]
fn the_cancel_bit_is_sticky_until_the_request_is_canceled_or_completed() {
    holds(|run| {
        run.path().iter().all(|(from, _, to)| match from {
            State::Pending(CancelBit::Set | CancelBit::Claiming) => {
                !matches!(to, State::Pending(CancelBit::Clear) | State::Cancelable)
            }
            _ => true,
        })
    });
}

#[test]
fn every_call_of_a_driver_or_canceler_is_answered_unless_a_promise_has_to_be_kept_first() {
    for contract in &Contract::PRESETS {
        for state in State::ALL {
            for call in Call::ALL {
                let is_internal = Call::OWN.contains(&call);
                let breaks_promise = call == Call::Complete && state == State::Pending(CancelBit::Claiming);
                let waits = (contract.unmark_waits() && call == Call::Unmark)
                    || (contract.completion_waits() && call == Call::Complete)
                    || (contract.cancel_waits() && call == Call::Cancel);
                let is_empty = step(contract, state, call).is_empty();
                assert!(!is_empty || is_internal || breaks_promise || waits, "{contract} {state} {call}");
            }
        }
    }
}
