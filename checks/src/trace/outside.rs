//! What is seen from outside of what is under test, told to a reader: the same for a request and for a system.

use cancelproof_model::machine::{Call, Reply};

use crate::execution::Record;
use crate::executor::Moment;
use crate::history::{Event, Title};

/// Something that was seen from outside, and when.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    /// When; `None` if there is no clock.
    pub(crate) moment: Option<Moment>,
    pub(crate) what: Outside,
    /// The state afterwards, of a system: a request is followed through its machine instead.
    pub(crate) state: Option<String>,
}

/// What was seen.
#[derive(Clone, Debug)]
pub(crate) enum Outside {
    Called {
        /// The thread of the program, where it makes the call by itself.
        thread: Option<u8>,
        call: String,
        is_raw: bool,
        /// The mark that the call makes, or in whose callback it is made; from 1.
        mark: Option<u8>,
        /// The machine's own name for it.
        machine: Option<Call>,
    },
    /// The innermost open call is answered.
    Answered {
        reply: String,
        machine: Option<Reply>,
    },
    /// The callback of a mark starts; marks count from 1.
    CallbackStarted(u8),
    CallbackReturned(u8),
    Released(u8),
    Settled,
    /// Somebody is told of something.
    Note(String),
}

/// What notes down what is seen from outside, while an execution runs on this thread.
pub(crate) trait Clocked {
    /// From now on also notes the moment of each event, or no longer does.
    fn set_clock(&self, clock: Option<fn() -> Moment>);
    /// The events from place `from` on.
    fn noted(&self, from: usize) -> Vec<Noted>;
    /// When everything under test had been made, and the objects of the harness had not.
    fn harness_begins(&self) -> Option<Moment>;
}

impl Clocked for Record {
    fn set_clock(&self, clock: Option<fn() -> Moment>) {
        Record::set_clock(self, clock);
    }

    fn noted(&self, from: usize) -> Vec<Noted> {
        let noted = |(event, moment): (Event, _)| Noted { moment, what: tell(event), state: None };
        self.timed_events(from).into_iter().map(noted).collect()
    }

    fn harness_begins(&self) -> Option<Moment> {
        self.request_made()
    }
}

fn tell(event: Event) -> Outside {
    let mark = |arming: u8| arming.saturating_add(1);
    match event {
        Event::Called { thread, call, title, arming } => Outside::Called {
            thread: arming.is_none().then_some(thread),
            call: call.to_string(),
            is_raw: title == Title::Raw,
            mark: arming.map(mark),
            machine: Some(call),
        },
        Event::Answered { reply, .. } => Outside::Answered { reply: reply.to_string(), machine: Some(reply) },
        Event::CallbackStarted { arming, .. } => Outside::CallbackStarted(mark(arming)),
        Event::CallbackReturned { arming, .. } => Outside::CallbackReturned(mark(arming)),
        Event::Released { arming } => Outside::Released(mark(arming)),
        Event::Settled => Outside::Settled,
    }
}
