//! How states, calls and answers are written in tables, traces and messages.

use core::fmt;

use super::{Call, CallbackPhase, CancelBit, Misuse, Reply, State};
use crate::request::{Cancel, Complete, IsCanceled, Mark, Unmark};

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Pending(CancelBit::Clear) => f.write_str("pending"),
            State::Pending(CancelBit::Set) => f.write_str("pending, cancel asked"),
            State::Pending(CancelBit::Claiming) => f.write_str("pending, cancel claiming"),
            State::Cancelable => f.write_str("cancelable"),
            State::Asked => f.write_str("cancelable, cancel asked"),
            State::Canceled(phase) => write!(f, "canceled, callback {phase}"),
            State::Completed(CallbackPhase::NotStarted) => f.write_str("completed"),
            State::Completed(phase) => write!(f, "completed, callback {phase}"),
        }
    }
}

impl fmt::Display for CallbackPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallbackPhase::NotStarted => "not started",
            CallbackPhase::Running => "running",
            CallbackPhase::Returned => "returned",
        })
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Call::Mark => "mark",
            Call::Unmark => "unmark",
            Call::Cancel => "cancel",
            Call::Complete => "complete",
            Call::IsCanceled => "is-canceled",
            Call::CallbackStart => "callback starts",
            Call::CallbackReturn => "callback returns",
            Call::Claim => "claims",
        })
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Misuse::AlreadyMarked => "already marked",
            Misuse::CancelClaimed => "cancel claimed",
            Misuse::NotMarked => "not marked",
            Misuse::StillCancelable => "still cancelable",
            Misuse::CallbackPromised => "callback promised",
            Misuse::AlreadyCompleted => "already completed",
            Misuse::NotOffered => "not offered",
            Misuse::NotOwned => "not owned",
        })
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(misuse) = self.misuse() {
            return write!(f, "refused: {misuse}");
        }
        if self.is_untold() {
            return f.write_str("untold");
        }
        f.write_str(match self {
            Reply::Mark(Mark::Marked) => "marked",
            Reply::Mark(_) | Reply::Unmark(Unmark::Canceled) | Reply::Complete(Complete::Canceled) => {
                "canceled"
            }
            Reply::Unmark(_) => "unmarked",
            Reply::Cancel(Cancel::Claimed) => "claimed",
            Reply::Cancel(Cancel::NotClaimed) => "not claimed",
            Reply::Cancel(_) => "not found",
            Reply::Complete(_) => "completed",
            Reply::IsCanceled(IsCanceled::Yes) => "yes",
            Reply::IsCanceled(_) => "no",
            Reply::Done => "",
        })
    }
}
