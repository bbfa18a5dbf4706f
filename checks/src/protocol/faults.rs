//! Faulty protocols: each breaks one property of the protocol, and the tests say which others fall with it.

use cancelproof_machine::contract::{CompleteDuringCallback, Contract, UnmarkUnmarked};
use cancelproof_machine::machine::{Call, CallbackPhase, CancelBit, Outcome, Reply, State, step};
use cancelproof_machine::{Cancel, Complete, Mark, Unmark};

use super::{Client, Protocol};

/// One thing that is wrong with a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A cancel claims a request whose callback is running.
    ClaimsTwice,
    /// Completion is let through while the callback is owed, and the driver completes after a refused unmark.
    CompletesWhilePromised,
    /// Unmark is granted although a cancel has claimed and the callback is owed.
    GrantsAfterClaim,
    /// Completion of a completed request is accepted, and the driver completes after a refused unmark.
    CompletesTwice,
    /// Unmark waits although the callback has returned.
    WaitsForReturned,
    /// Mark does not look whether the bit is set.
    MarkForgetsTheBit,
    /// Unmark says canceled although nobody has canceled.
    RefusesForNothing,
    /// Who has claimed forgets to call the callback.
    ForgetsTheCallback,
    /// A cancel of a completed request looks again and again whether the request is completed.
    LooksAgain,
    /// A cancel never claims.
    NeverClaims,
}

/// What a fault makes of a call.
enum Changed {
    /// It does this.
    To(Outcome),
    /// It does not take effect.
    Waits,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 10] = [
        Fault::ClaimsTwice,
        Fault::CompletesWhilePromised,
        Fault::GrantsAfterClaim,
        Fault::CompletesTwice,
        Fault::WaitsForReturned,
        Fault::MarkForgetsTheBit,
        Fault::RefusesForNothing,
        Fault::ForgetsTheCallback,
        Fault::LooksAgain,
        Fault::NeverClaims,
    ];

    /// The name on the command line and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fault::ClaimsTwice => "claims-twice",
            Fault::CompletesWhilePromised => "completes-while-promised",
            Fault::GrantsAfterClaim => "grants-after-claim",
            Fault::CompletesTwice => "completes-twice",
            Fault::WaitsForReturned => "waits-for-returned",
            Fault::MarkForgetsTheBit => "mark-forgets-the-bit",
            Fault::RefusesForNothing => "refuses-for-nothing",
            Fault::ForgetsTheCallback => "forgets-the-callback",
            Fault::LooksAgain => "looks-again",
            Fault::NeverClaims => "never-claims",
        }
    }

    /// The edit, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Fault::ClaimsTwice => "a cancel claims a request whose callback is running",
            Fault::CompletesWhilePromised => {
                "completion is let through while the callback is owed, and the driver completes after a refusal"
            }
            Fault::GrantsAfterClaim => "unmark is granted although the callback is owed",
            Fault::CompletesTwice => {
                "completion of a completed request is accepted, and the driver completes after a refusal"
            }
            Fault::WaitsForReturned => "unmark waits although the callback has returned",
            Fault::MarkForgetsTheBit => "mark does not look whether the bit is set",
            Fault::RefusesForNothing => "unmark says canceled although nobody has canceled",
            Fault::ForgetsTheCallback => "who has claimed forgets to call the callback",
            Fault::LooksAgain => "a cancel of a completed request looks again and again",
            Fault::NeverClaims => "a cancel never claims",
        }
    }

    /// The property that it is made to break.
    #[must_use]
    pub fn breaks(self) -> &'static str {
        match self {
            Fault::ClaimsTwice => "exactly-once",
            Fault::CompletesWhilePromised => "never-after-completion",
            Fault::GrantsAfterClaim => "truthful-unmark",
            Fault::CompletesTwice => "single-completion",
            Fault::WaitsForReturned => "no-deadlock",
            Fault::MarkForgetsTheBit => "asked-leads-to-end",
            Fault::RefusesForNothing => "every-request-is-completed",
            Fault::ForgetsTheCallback => "claim-leads-to-callback",
            Fault::LooksAgain => "every-call-ends",
            Fault::NeverClaims => "a-canceler-calls-back",
        }
    }

    /// The client whose protocol shows it.
    #[must_use]
    pub fn client(self) -> Client {
        match self {
            Fault::WaitsForReturned => Client::Meets,
            Fault::MarkForgetsTheBit => Client::Rearms,
            _ => Client::Finishes,
        }
    }

    /// The fault of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// What the call does in that state instead of what the machine says, where the fault changes it.
    fn changes(self, state: State, call: Call) -> Option<Changed> {
        let owed = State::Canceled(CallbackPhase::NotStarted);
        let (next, reply) = match (self, state, call) {
            (Fault::ClaimsTwice, State::Canceled(CallbackPhase::Running), Call::Cancel) => {
                (owed, Reply::Cancel(Cancel::Claimed))
            }
            (Fault::CompletesWhilePromised, State::Canceled(CallbackPhase::NotStarted), Call::Complete) => {
                (State::Completed(CallbackPhase::NotStarted), Reply::Complete(Complete::Completed))
            }
            (
                Fault::CompletesWhilePromised,
                State::Completed(CallbackPhase::NotStarted),
                Call::CallbackStart,
            ) => (State::Completed(CallbackPhase::Running), Reply::Done),
            (Fault::GrantsAfterClaim, State::Canceled(CallbackPhase::NotStarted), Call::Unmark) => {
                (owed, Reply::Unmark(Unmark::Unmarked))
            }
            (Fault::CompletesTwice, State::Completed(_), Call::Complete) => {
                (state, Reply::Complete(Complete::Completed))
            }
            (Fault::WaitsForReturned, State::Canceled(CallbackPhase::Returned), Call::Unmark) => {
                return Some(Changed::Waits);
            }
            (Fault::MarkForgetsTheBit, State::Pending(CancelBit::Set), Call::Mark) => {
                (State::Cancelable, Reply::Mark(Mark::Marked))
            }
            (Fault::RefusesForNothing, State::Cancelable, Call::Unmark) => {
                (State::Pending(CancelBit::Clear), Reply::Unmark(Unmark::Canceled))
            }
            (Fault::NeverClaims, State::Cancelable, Call::Cancel) => {
                (state, Reply::Cancel(Cancel::NotClaimed))
            }
            (Fault::NeverClaims, State::Pending(CancelBit::Claiming), Call::Mark) => {
                return Some(Changed::Waits);
            }
            _ => return None,
        };
        Some(Changed::To(Outcome { state: next, reply }))
    }
}

impl Protocol {
    /// What `call` may do to a request in `state`: what the machine says, unless a fault says otherwise.
    #[must_use]
    pub fn outcomes(&self, state: State, call: Call) -> [Option<Outcome>; 2] {
        match self.fault.and_then(|fault| fault.changes(state, call)) {
            Some(Changed::To(outcome)) => return [Some(outcome), None],
            Some(Changed::Waits) => return [None, None],
            None => {}
        }
        // Here the driver completes only what it has unmarked, so what waits for the callback is nobody's completion but the
        // callback's own; and cancelers claim when they ask.
        let contract = Contract {
            complete_during_callback: CompleteDuringCallback::Answers,
            // Nor does it unmark what is not marked.
            unmark_unmarked: UnmarkUnmarked::Refuses,
            ..self.contract
        };
        let mut outcomes =
            step(&contract, state, call).iter().filter(|outcome| outcome.state != State::Asked);
        [outcomes.next(), outcomes.next()]
    }

    pub(super) fn ignores_refusals(&self) -> bool {
        matches!(self.fault, Some(Fault::CompletesWhilePromised | Fault::CompletesTwice))
    }

    pub(super) fn looks_again(&self, state: State) -> bool {
        self.fault == Some(Fault::LooksAgain) && matches!(state, State::Completed(_))
    }

    pub(super) fn forgets_callbacks(&self) -> bool {
        self.fault == Some(Fault::ForgetsTheCallback)
    }
}
