//! What is seen from outside of what is under test, told to a reader: the same for a request and for a system.

use cancelproof_machine::machine::{Call, Reply};

use crate::execution::Record;
use crate::executor::Moment;
use crate::history::{Event, Title};
use crate::recorder::{Clocked, Note, Noted};

/// Something that was seen from outside.
#[derive(Clone, Debug)]
pub struct FromOutside {
    /// What was seen.
    pub what: Outside,
    /// The state afterwards, of a system: a request is followed through its machine instead.
    pub state: Option<String>,
}

/// What was seen.
#[derive(Clone, Debug)]
pub enum Outside {
    /// A call begins.
    Called {
        /// The thread of the program, where it makes the call by itself.
        thread: Option<u8>,
        /// The call as it is shown.
        call: String,
        /// Whether it is made without regard to the driver's idioms.
        is_raw: bool,
        /// The mark that the call makes, or in whose callback it is made; from 1.
        mark: Option<u8>,
        /// The machine's own name for it.
        machine: Option<Call>,
    },
    /// The innermost open call is answered.
    Answered {
        /// The answer as it is shown.
        reply: String,
        /// The machine's own name for it.
        machine: Option<Reply>,
    },
    /// The callback of a mark starts; marks count from 1.
    CallbackStarted(u8),
    /// The callback of a mark returns.
    CallbackReturned(u8),
    /// The callback object of a mark is released.
    Released(u8),
    /// All threads have ended, and the request has nothing left to do.
    Settled,
    /// Somebody is told of something.
    Note(String),
}

impl Note for FromOutside {
    fn is_call(&self) -> bool {
        matches!(self.what, Outside::Called { .. })
    }
}

impl Clocked<FromOutside> for Record {
    fn set_clock(&self, clock: Option<fn() -> Moment>) {
        Record::set_clock(self, clock);
    }

    fn noted(&self, from: usize) -> Vec<Noted<FromOutside>> {
        let seen = |event| FromOutside { what: tell(event), state: None };
        let noted = |(event, moment): (Event, _)| Noted { moment, note: seen(event) };
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
