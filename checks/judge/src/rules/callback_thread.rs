//! *callback-thread*: the callback runs where the contract says.
//!
//! Where the contract has it run in the call, it starts inside the mark or cancel that led to it, on that call's thread,
//! so that whoever canceled may rely on what the callback did. Where it has a thread of its own, no call of a driver or
//! canceler has to wait for it, and a lock that the caller holds is no deadlock.
//!
//! Sources: the pages that the presets name, see [`presets`](cancelproof_machine::contract::presets). The Windows contracts
//! leave it open (specification 2.6).

use cancelproof_machine::contract::CallbackRuns;
use cancelproof_machine::machine::Call;

use super::{Evidence, open_call};
use crate::history::Event;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.contract.callback_runs == CallbackRuns::Anywhere {
        return None;
    }
    let by_the_end = |arming| {
        evidence.marks.iter().any(|mark| mark.arming == arming && evidence.is_called_by_the_end(mark))
    };
    evidence.history.events.iter().enumerate().find_map(|(position, event)| {
        let Event::CallbackStarted { thread, arming } = *event else { return None };
        let call = open_call(&evidence.operations, thread, position).map(|open| open.call);
        match (evidence.contract.callback_runs, call) {
            (CallbackRuns::InTheCall, Some(Call::Mark | Call::Cancel)) => None,
            (CallbackRuns::InTheCall, None) if by_the_end(arming) => None,
            (CallbackRuns::InTheCall, _) => Some(format!(
                "the callback of mark {} was called outside of the mark or cancel that led to it",
                arming + 1
            )),
            (_, Some(call)) => Some(format!(
                "the callback of mark {} was called inside {call} of thread {thread} and not on a thread of its own",
                arming + 1
            )),
            (_, None) => None,
        }
    })
}
