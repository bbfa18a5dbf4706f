//! What one execution did, seen from outside the request: calls and answers, callbacks, releases.
//!
//! A history is plain data. It is written while an engine runs, read by the [`rules`](crate::rules) afterwards, and
//! summed up as an [`Outcome`].

pub(crate) mod code;
pub(crate) mod form;
mod outcome;

use std::fmt;

use cancelproof_machine::machine::{Call, Misuse, Reply};

pub use outcome::Outcome;

pub use crate::exploration::Order;

/// A thread of the program, by its number.
pub type Thread = u8;

/// One mark, numbered from 0 in the order in which marks were called; its callback object bears the same number.
pub type Arming = u8;

/// Something that was seen from outside the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A thread called the request.
    Called {
        /// Who called.
        thread: Thread,
        /// What was called.
        call: Call,
        /// Whether the caller kept the driver's rules.
        title: Title,
        /// The mark that the call made, or whose callback made the call.
        arming: Option<Arming>,
    },
    /// The request answered the latest unanswered call of the thread.
    Answered {
        /// Whom it answered.
        thread: Thread,
        /// What it answered.
        reply: Reply,
    },
    /// The request invoked a callback object.
    CallbackStarted {
        /// On which thread.
        thread: Thread,
        /// Whose callback.
        arming: Arming,
    },
    /// The callback object returned.
    CallbackReturned {
        /// On which thread.
        thread: Thread,
        /// Whose callback.
        arming: Arming,
    },
    /// A callback object was released.
    Released {
        /// Whose callback.
        arming: Arming,
    },
    /// All threads have ended, and the request has delivered what it had to deliver. What follows is its drop.
    Settled,
}

/// By what right a call was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Title {
    /// The caller keeps the driver's rules, or needs none.
    Entitled,
    /// The call is made whatever the state of the request.
    Raw,
}

/// The events of one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The events.
    pub events: Vec<Event>,
    /// What their order means.
    pub order: Order,
}

/// One call with its answer, by the positions of both in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who called.
    pub thread: Thread,
    /// What was called.
    pub call: Call,
    /// By what right.
    pub title: Title,
    /// The mark that the call made, or whose callback made the call.
    pub arming: Option<Arming>,
    /// The position of the call.
    pub called: usize,
    /// The position of the answer and the answer; `None` when the execution ended before it came.
    pub answer: Option<(usize, Reply)>,
}

impl History {
    /// The calls with their answers, in the order in which they were made.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation> {
        let mut operations: Vec<Operation> = Vec::new();
        for (position, event) in self.events.iter().enumerate() {
            match *event {
                Event::Called { thread, call, title, arming } => {
                    operations.push(Operation {
                        thread,
                        call,
                        title,
                        arming,
                        called: position,
                        answer: None,
                    });
                }
                Event::Answered { thread, reply } => {
                    let open = operations
                        .iter_mut()
                        .rev()
                        .find(|open| open.thread == thread && open.answer.is_none());
                    if let Some(open) = open {
                        open.answer = Some((position, reply));
                    }
                }
                _ => {}
            }
        }
        operations
    }

    /// Whether the answer at `earlier` is known to lie before the call at `later`.
    #[must_use]
    pub fn precedes(&self, earlier: &Operation, later: &Operation) -> bool {
        let Some((answered, _)) = earlier.answer else { return false };
        answered < later.called && (self.order == Order::RealTime || earlier.thread == later.thread)
    }

    /// How often the callback of a mark was started.
    #[must_use]
    pub fn starts(&self, arming: Arming) -> usize {
        self.events
            .iter()
            .filter(
                |event| matches!(event, Event::CallbackStarted { arming: started, .. } if *started == arming),
            )
            .count()
    }

    /// Whether the execution came to its regular end.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.events.contains(&Event::Settled)
    }
}

impl Event {
    /// The same event where each thread has another name; threads beyond those keep theirs.
    pub(crate) fn on_threads(&self, names: &[Thread]) -> Self {
        let mut event = *self;
        if let Event::Called { thread, .. }
        | Event::Answered { thread, .. }
        | Event::CallbackStarted { thread, .. }
        | Event::CallbackReturned { thread, .. } = &mut event
        {
            *thread = names.get(usize::from(*thread)).copied().unwrap_or(*thread);
        }
        event
    }

    /// The thread that it happened on, if it is known.
    #[must_use]
    pub fn thread(&self) -> Option<Thread> {
        match *self {
            Event::Called { thread, .. }
            | Event::Answered { thread, .. }
            | Event::CallbackStarted { thread, .. }
            | Event::CallbackReturned { thread, .. } => Some(thread),
            Event::Released { .. } | Event::Settled => None,
        }
    }
}

impl Operation {
    /// The answer, if it came.
    #[must_use]
    pub fn reply(&self) -> Option<Reply> {
        self.answer.map(|(_, reply)| reply)
    }

    /// Whether the request does not have the call, and said so. Every request has mark and cancel.
    #[must_use]
    pub fn is_not_offered(&self) -> bool {
        let has = matches!(self.call, Call::Mark | Call::Cancel);
        !has && self.reply().and_then(Reply::misuse) == Some(Misuse::NotOffered)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Called { thread, call, title: Title::Entitled, .. } => {
                write!(f, "thread {thread}: {call}")
            }
            Event::Called { thread, call, title: Title::Raw, .. } => write!(f, "thread {thread}: {call}!"),
            Event::Answered { thread, reply } => write!(f, "thread {thread}:   -> {reply}"),
            Event::CallbackStarted { thread, arming } => {
                write!(f, "thread {thread}: callback of mark {} starts", arming + 1)
            }
            Event::CallbackReturned { thread, arming } => {
                write!(f, "thread {thread}: callback of mark {} returns", arming + 1)
            }
            Event::Released { arming } => write!(f, "callback of mark {} is released", arming + 1),
            Event::Settled => f.write_str("all threads have ended"),
        }
    }
}
