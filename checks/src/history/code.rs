//! Histories as numbers, to be compared and looked up quickly.
//!
//! Two forms serve two questions. *Up to names* is what the rules can tell apart: histories of one form are judged
//! alike, which a test of the rules holds them to. *By thread* has what each thread did, thread after thread, which is
//! all that an outcome is made of.

use cancelproof_model::machine::{Call, Misuse, Reply};
use cancelproof_model::{Cancel, Complete, IsCanceled, Mark, Unmark};

use super::{Arming, Event, Thread, Title};

/// An event as a number: its kind in the lowest bits, then its thread, then the rest.
pub(crate) type Code = u32;

const KIND_BITS: u32 = 3;
const THREAD_BITS: u32 = 5;
const ARMINGS: Code = Arming::MAX as Code + 2;

/// The kinds of event.
const CALLED: Code = 0;
const ANSWERED: Code = 1;
const STARTED: Code = 2;
const RETURNED: Code = 3;
const RELEASED: Code = 4;
const SETTLED: Code = 5;

/// How many threads have numbers of their own. A program has far fewer, and so has a request.
const THREADS: usize = 1 << THREAD_BITS;

/// In place of a thread, where there is none.
const NOBODY: Thread = THREADS as Thread - 1;

/// A history as numbers, with room for its forms.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    /// The events in order.
    plain: Vec<Code>,
    form: Vec<Code>,
}

impl Codes {
    /// Takes in the events of a history, in place of those before.
    pub(crate) fn read(&mut self, events: &[Event]) {
        self.plain.clear();
        self.plain.extend(events.iter().map(of));
    }

    /// The history up to what no rule can tell apart: the names of threads, and the order in which cancels are called
    /// one after another or next to other calls. Threads are named in the order of their first answers or callbacks,
    /// and among calls without anything between them the cancels come last, by name.
    pub(crate) fn up_to_names(&mut self) -> &[Code] {
        let names = names(&self.plain);
        self.form.clear();
        let mut cancels = 0;
        for &code in &self.plain {
            let code = with_thread(code, names[usize::from(thread(code))]);
            self.form.push(code);
            let last = self.form.len() - 1;
            if kind(code) != CALLED {
                cancels = self.form.len();
            } else if is_cancel(code) {
                let mut place = last;
                while place > cancels && self.form[place - 1] > code {
                    self.form.swap(place - 1, place);
                    place -= 1;
                }
            } else {
                if cancels < last {
                    self.form[cancels..].rotate_right(1);
                }
                cancels += 1;
            }
        }
        &self.form
    }

    /// The events of threads, thread after thread.
    pub(crate) fn by_thread(&mut self) -> &[Code] {
        // A counting sort, which is stable and needs no comparisons.
        let mut places = [0; THREADS];
        for &code in &self.plain {
            places[usize::from(thread(code))] += 1;
        }
        let nobodys = std::mem::take(&mut places[usize::from(NOBODY)]);
        let mut next = 0;
        for place in &mut places {
            (*place, next) = (next, next + *place);
        }
        self.form.clear();
        self.form.resize(self.plain.len() - nobodys, 0);
        for &code in self.plain.iter().filter(|&&code| thread(code) != NOBODY) {
            let place = &mut places[usize::from(thread(code))];
            self.form[*place] = code;
            *place += 1;
        }
        &self.form
    }
}

/// A name for each thread: those that were answered or ran a callback in the order in which they first did, then the
/// others in the order in which they called.
fn names(codes: &[Code]) -> [Thread; THREADS] {
    let mut names = [NOBODY; THREADS];
    let mut next = 0;
    let mut name = |code: Code| {
        let thread = thread(code);
        let name = &mut names[usize::from(thread)];
        if *name == NOBODY && thread != NOBODY {
            *name = next;
            next += 1;
        }
    };
    for &code in codes.iter().filter(|&&code| kind(code) != CALLED) {
        name(code);
    }
    for &code in codes {
        name(code);
    }
    names
}

fn kind(code: Code) -> Code {
    code & ((1 << KIND_BITS) - 1)
}

fn thread(code: Code) -> Thread {
    (code >> KIND_BITS & Code::from(NOBODY)) as Thread
}

fn with_thread(code: Code, thread: Thread) -> Code {
    code & !(Code::from(NOBODY) << KIND_BITS) | Code::from(thread) << KIND_BITS
}

/// Whether a call's code is that of a cancel that is made outside callbacks: one made inside is part of what the
/// callback does.
fn is_cancel(code: Code) -> bool {
    let rest = code >> (KIND_BITS + THREAD_BITS);
    rest / ARMINGS / 2 == of_call(Call::Cancel) && rest.is_multiple_of(ARMINGS)
}

fn of(event: &Event) -> Code {
    let (kind, arming, rest) = match *event {
        Event::Called { call, title, arming, .. } => {
            (CALLED, mark(arming), of_call(call) * 2 + of_title(title))
        }
        Event::Answered { reply, .. } => (ANSWERED, 0, of_reply(reply)),
        Event::CallbackStarted { arming, .. } => (STARTED, mark(Some(arming)), 0),
        Event::CallbackReturned { arming, .. } => (RETURNED, mark(Some(arming)), 0),
        Event::Released { arming } => (RELEASED, mark(Some(arming)), 0),
        Event::Settled => (SETTLED, 0, 0),
    };
    let thread = event.thread().unwrap_or(NOBODY);
    assert!(thread < NOBODY || event.thread().is_none(), "an execution has more than {NOBODY} threads");
    let thread = Code::from(thread);
    (rest * ARMINGS + arming) << (KIND_BITS + THREAD_BITS) | thread << KIND_BITS | kind
}

fn mark(arming: Option<Arming>) -> Code {
    arming.map_or(0, |arming| Code::from(arming) + 1)
}

fn of_title(title: Title) -> Code {
    match title {
        Title::Entitled => 0,
        Title::Raw => 1,
    }
}

fn of_call(call: Call) -> Code {
    match call {
        Call::Mark => 0,
        Call::Unmark => 1,
        Call::Cancel => 2,
        Call::Complete => 3,
        Call::IsCanceled => 4,
        Call::CallbackStart => 5,
        Call::CallbackReturn => 6,
    }
}

/// Each kind of answer has sixteen numbers: three that are no refusal, and the refusals.
fn of_reply(reply: Reply) -> Code {
    const REFUSED: Code = 3;
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
        Reply::Done => (5, 0),
    };
    kind * 16 + rest
}

fn of_misuse(misuse: Misuse) -> Code {
    match misuse {
        Misuse::AlreadyMarked => 0,
        Misuse::CancelClaimed => 1,
        Misuse::NotMarked => 2,
        Misuse::StillCancelable => 3,
        Misuse::CallbackPromised => 4,
        Misuse::AlreadyCompleted => 5,
        Misuse::NotOffered => 6,
        Misuse::NotOwned => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cancelproof_model::Contract;
    use cancelproof_model::machine::{State, step};

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
    fn different_events_have_different_numbers() {
        let mut known: BTreeMap<Code, Event> = BTreeMap::new();
        for event in every_event() {
            let code = of(&event);
            assert_eq!(*known.entry(code).or_insert(event), event, "two events have the number {code}");
        }
    }

    fn up_to_names(events: &[Event]) -> Vec<Code> {
        let mut codes = Codes::default();
        codes.read(events);
        codes.up_to_names().to_vec()
    }

    fn by_thread(events: &[Event]) -> Vec<Code> {
        let mut codes = Codes::default();
        codes.read(events);
        codes.by_thread().to_vec()
    }

    #[test]
    fn names_are_forgotten_in_one_form_and_order_between_threads_in_the_other() {
        let on = |thread| Event::CallbackStarted { thread, arming: 0 };
        assert_eq!(up_to_names(&[on(2), on(5)]), up_to_names(&[on(1), on(0)]));
        assert_ne!(up_to_names(&[on(2), on(5)]), up_to_names(&[on(2), on(2)]));
        assert_eq!(by_thread(&[on(2), on(5)]), by_thread(&[on(5), on(2)]));
        assert_ne!(by_thread(&[on(2), on(5)]), by_thread(&[on(1), on(0)]));
    }

    #[test]
    fn only_cancels_change_places_with_calls_next_to_them() {
        let called = |thread, call| Event::Called { thread, call, title: Title::Entitled, arming: None };
        let (mark, unmark) = (called(0, Call::Mark), called(1, Call::Unmark));
        let cancels = [called(2, Call::Cancel), called(3, Call::Cancel)];
        let answered = Event::Answered { thread: 0, reply: Reply::Mark(Mark::Marked) };
        let one = [cancels[1], mark, cancels[0], answered];
        assert_eq!(up_to_names(&one), up_to_names(&[mark, cancels[0], cancels[1], answered]));
        assert_ne!(up_to_names(&one), up_to_names(&[mark, cancels[0], answered, cancels[1]]));
        assert_ne!(up_to_names(&[mark, unmark, answered]), up_to_names(&[unmark, mark, answered]));
    }
}
