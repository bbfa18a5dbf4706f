//! Events as numbers, to be written down, compared and looked up quickly.

use cancelproof_machine::machine::{Call, Misuse, Reply};
use cancelproof_machine::{Cancel, Complete, IsCanceled, Mark, Unmark};

use super::{Arming, Event, Thread, Title};

/// An event as a number: its kind in the lowest bits, then its thread, then its mark, then the rest.
pub(crate) type Code = u32;

const KIND_BITS: u32 = 3;
const THREAD_BITS: u32 = 5;
const ARMING_BITS: u32 = 9;
const REST: u32 = KIND_BITS + THREAD_BITS + ARMING_BITS;

/// The kinds of event.
const CALLED: Code = 0;
const ANSWERED: Code = 1;
const STARTED: Code = 2;
const RETURNED: Code = 3;
const RELEASED: Code = 4;
const SETTLED: Code = 5;

/// In place of a thread, where there is none.
pub(super) const NOBODY: Thread = (1 << THREAD_BITS) - 1;

/// Each kind of answer has sixteen numbers: three that are no refusal, the refusals, and the last for what was not told.
const REPLIES: Code = 16;
const REFUSED: Code = 3;

/// The last of the sixteen: an answer that was not told.
const UNTOLD: Code = REPLIES - 1;

/// The number of an event.
///
/// # Panics
///
/// Panics if the event's thread has no number: an execution has far fewer threads than there are numbers.
#[allow(
    clippy::inline_always,
    reason = "where an event is written down its kind is known, and most of this falls away"
)]
#[inline(always)]
pub(crate) fn of(event: &Event) -> Code {
    match *event {
        Event::Called { thread, call, title, arming } => {
            number(CALLED, thread, arming, of_call(call) * 2 + of_title(title))
        }
        Event::Answered { thread, reply } => number(ANSWERED, thread, None, of_reply(reply)),
        Event::CallbackStarted { thread, arming } => number(STARTED, thread, Some(arming), 0),
        Event::CallbackReturned { thread, arming } => number(RETURNED, thread, Some(arming), 0),
        Event::Released { arming } => NOBODYS | number(RELEASED, 0, Some(arming), 0),
        Event::Settled => NOBODYS | SETTLED,
    }
}

const NOBODYS: Code = (NOBODY as Code) << KIND_BITS;

#[inline]
fn number(kind: Code, thread: Thread, arming: Option<Arming>, rest: Code) -> Code {
    assert!(thread < NOBODY, "an execution has more than {NOBODY} threads");
    let arming = arming.map_or(0, |arming| Code::from(arming) + 1);
    rest << REST | arming << (KIND_BITS + THREAD_BITS) | Code::from(thread) << KIND_BITS | kind
}

/// The event that has this number.
pub(crate) fn event(code: Code) -> Event {
    let thread = thread(code);
    let arming = ((code >> (KIND_BITS + THREAD_BITS)) & ((1 << ARMING_BITS) - 1)).checked_sub(1);
    let arming = arming.map(|arming| arming as Arming);
    // Other kinds than calls and answers have a mark or need none.
    let of_mark = arming.unwrap_or_default();
    let rest = code >> REST;
    match kind(code) {
        CALLED => {
            let title = if rest.is_multiple_of(2) { Title::Entitled } else { Title::Raw };
            Event::Called { thread, call: Call::ALL[rest as usize / 2], title, arming }
        }
        ANSWERED => Event::Answered { thread, reply: reply(rest) },
        STARTED => Event::CallbackStarted { thread, arming: of_mark },
        RETURNED => Event::CallbackReturned { thread, arming: of_mark },
        RELEASED => Event::Released { arming: of_mark },
        _ => Event::Settled,
    }
}

#[inline]
fn kind(code: Code) -> Code {
    code & ((1 << KIND_BITS) - 1)
}

/// The thread of an event, or [`NOBODY`].
#[inline]
pub(super) fn thread(code: Code) -> Thread {
    ((code >> KIND_BITS) & Code::from(NOBODY)) as Thread
}

/// The same event on another thread.
#[inline]
pub(crate) fn with_thread(code: Code, thread: Thread) -> Code {
    code & !NOBODYS | Code::from(thread) << KIND_BITS
}

/// Whether it is a call.
#[inline]
pub(super) fn is_call(code: Code) -> bool {
    kind(code) == CALLED
}

/// Whether a call is a cancel that is made outside callbacks: one made inside is part of what the callback does.
#[inline]
pub(super) fn is_free_cancel(call: Code) -> bool {
    const RAW: Code = 1 << REST;
    const FREE_CANCEL: Code = (of_call(Call::Cancel) * 2) << REST;
    call & !(RAW | ((1 << (KIND_BITS + THREAD_BITS)) - 1)) == FREE_CANCEL
}

#[inline]
fn of_title(title: Title) -> Code {
    match title {
        Title::Entitled => 0,
        Title::Raw => 1,
    }
}

/// The place of a call in [`Call::ALL`].
#[inline]
const fn of_call(call: Call) -> Code {
    call as Code
}

#[inline]
fn of_reply(reply: Reply) -> Code {
    let (kind, rest) = match reply {
        Reply::Mark(Mark::Marked) => (0, 0),
        Reply::Mark(Mark::Canceled) => (0, 1),
        Reply::Mark(Mark::Refused(misuse)) => (0, REFUSED + of_misuse(misuse)),
        Reply::Unmark(Unmark::Unmarked) => (1, 0),
        Reply::Unmark(Unmark::Canceled) => (1, 1),
        Reply::Unmark(Unmark::Refused(misuse)) => (1, REFUSED + of_misuse(misuse)),
        Reply::Cancel(Cancel::Claimed) => (2, 0),
        Reply::Cancel(Cancel::NotClaimed) => (2, 1),
        Reply::Cancel(Cancel::NotFound) => (2, 2),
        Reply::Complete(Complete::Completed) => (3, 0),
        Reply::Complete(Complete::Canceled) => (3, 1),
        Reply::Complete(Complete::Refused(misuse)) => (3, REFUSED + of_misuse(misuse)),
        Reply::IsCanceled(IsCanceled::Yes) => (4, 0),
        Reply::IsCanceled(IsCanceled::No) => (4, 1),
        Reply::IsCanceled(IsCanceled::Refused(misuse)) => (4, REFUSED + of_misuse(misuse)),
        Reply::Mark(Mark::Untold) => (0, UNTOLD),
        Reply::Unmark(Unmark::Untold) => (1, UNTOLD),
        Reply::Cancel(Cancel::Untold) => (2, UNTOLD),
        Reply::Complete(Complete::Untold) => (3, UNTOLD),
        Reply::IsCanceled(IsCanceled::Untold) => (4, UNTOLD),
        Reply::Done => (5, 0),
    };
    kind * REPLIES + rest
}

/// The inverse of [`of_reply`].
fn reply(number: Code) -> Reply {
    let (kind, rest) = (number / REPLIES, number % REPLIES);
    let misuse = || MISUSES[(rest - REFUSED) as usize];
    match (kind, rest) {
        (0, UNTOLD) => Reply::Mark(Mark::Untold),
        (1, UNTOLD) => Reply::Unmark(Unmark::Untold),
        (2, UNTOLD) => Reply::Cancel(Cancel::Untold),
        (3, UNTOLD) => Reply::Complete(Complete::Untold),
        (4, UNTOLD) => Reply::IsCanceled(IsCanceled::Untold),
        (0, 0) => Reply::Mark(Mark::Marked),
        (0, 1) => Reply::Mark(Mark::Canceled),
        (0, _) => Reply::Mark(Mark::Refused(misuse())),
        (1, 0) => Reply::Unmark(Unmark::Unmarked),
        (1, 1) => Reply::Unmark(Unmark::Canceled),
        (1, _) => Reply::Unmark(Unmark::Refused(misuse())),
        (2, 0) => Reply::Cancel(Cancel::Claimed),
        (2, 1) => Reply::Cancel(Cancel::NotClaimed),
        (2, _) => Reply::Cancel(Cancel::NotFound),
        (3, 0) => Reply::Complete(Complete::Completed),
        (3, 1) => Reply::Complete(Complete::Canceled),
        (3, _) => Reply::Complete(Complete::Refused(misuse())),
        (4, 0) => Reply::IsCanceled(IsCanceled::Yes),
        (4, 1) => Reply::IsCanceled(IsCanceled::No),
        (4, _) => Reply::IsCanceled(IsCanceled::Refused(misuse())),
        _ => Reply::Done,
    }
}

/// Every misuse, in the order of their numbers.
const MISUSES: [Misuse; 8] = [
    Misuse::AlreadyMarked,
    Misuse::CancelClaimed,
    Misuse::NotMarked,
    Misuse::StillCancelable,
    Misuse::CallbackPromised,
    Misuse::AlreadyCompleted,
    Misuse::NotOffered,
    Misuse::NotOwned,
];

#[inline]
fn of_misuse(misuse: Misuse) -> Code {
    misuse as Code
}

#[cfg(test)]
mod tests {
    use cancelproof_machine::Contract;
    use cancelproof_machine::machine::{State, step};

    use super::*;

    /// Every event of two threads and two marks, with every answer that a machine gives.
    fn every_event() -> Vec<Event> {
        let mut events = vec![Event::Settled];
        for arming in 0..2 {
            events.push(Event::Released { arming });
        }
        for thread in 0..2 {
            for call in Call::ALL {
                for title in [Title::Entitled, Title::Raw] {
                    for arming in [None, Some(0), Some(1)] {
                        events.push(Event::Called { thread, call, title, arming });
                    }
                }
                for (contract, state) in
                    Contract::PRESETS.iter().flat_map(|contract| State::ALL.map(|state| (contract, state)))
                {
                    let replies = step(contract, state, call).iter().map(|outcome| outcome.reply);
                    events.extend(replies.map(|reply| Event::Answered { thread, reply }));
                }
            }
            for arming in 0..2 {
                events.push(Event::CallbackStarted { thread, arming });
                events.push(Event::CallbackReturned { thread, arming });
            }
        }
        events
    }

    #[test]
    fn an_event_is_found_again_by_its_number() {
        for known in every_event() {
            assert_eq!(event(of(&known)), known);
        }
    }

    #[test]
    fn every_untold_answer_has_a_number() {
        let replies = [
            Reply::Mark(Mark::Untold),
            Reply::Unmark(Unmark::Untold),
            Reply::Cancel(Cancel::Untold),
            Reply::Complete(Complete::Untold),
            Reply::IsCanceled(IsCanceled::Untold),
        ];
        for reply in replies {
            let known = Event::Answered { thread: 3, reply };
            assert_eq!(event(of(&known)), known);
        }
    }

    #[test]
    fn every_misuse_has_a_number() {
        for misuse in MISUSES {
            let known = Event::Answered { thread: 3, reply: Reply::Mark(Mark::Refused(misuse)) };
            assert_eq!(event(of(&known)), known);
        }
    }

    #[test]
    fn a_free_cancel_is_known_by_its_number() {
        for known in every_event() {
            let expected = matches!(known, Event::Called { call: Call::Cancel, arming: None, .. });
            let code = of(&known);
            assert_eq!(is_call(code) && is_free_cancel(code), expected, "{known}");
        }
    }
}
