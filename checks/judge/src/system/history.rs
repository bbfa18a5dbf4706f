//! What one execution of a system did, seen from outside.

use std::fmt::{self, Write as _};

use cancelproof_machine::Status;
use cancelproof_machine::machine::{Misuse, Reply};
use cancelproof_references::application::Selected;
use cancelproof_references::framework::target::CancelSent;

use super::program::Step;

/// A thread of the program, by number.
pub type Thread = u8;
/// A request, by number.
pub type Request = u8;
/// A mark, numbered from 0 in the order in which marks were called.
pub type Arming = u8;

/// What a call answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// A call on a request.
    Reply(Reply),
    /// A call that was refused.
    Refused(Misuse),
    /// The request was put into a queue.
    Moved,
    /// That request was retrieved.
    Retrieved(Request),
    /// Nothing was retrieved.
    Empty,
    /// A canceling call of the application's.
    Selected(Selected),
    /// A cancel of a sent request.
    CancelSent(CancelSent),
    /// The request was submitted.
    Submitted,
    /// The request had been canceled before it was sent.
    NotSubmitted,
    /// A new life begins.
    Reused,
    /// The I/O has ended so.
    Ended(Status),
    /// The object has the interface, or not.
    Has(bool),
    /// Whether the last reference was given back.
    IsLast(bool),
    /// Nothing is answered.
    Done,
}

/// Something that was seen from outside the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A thread made a call, by itself or from within the callback of that mark.
    Called {
        /// Who.
        thread: Thread,
        /// What.
        step: Step,
        /// The mark that it makes.
        arming: Option<Arming>,
        /// The request in whose callback the call is made.
        inside: Option<Request>,
    },
    /// The latest unanswered call of a thread was answered.
    Answered {
        /// Whom.
        thread: Thread,
        /// What.
        answer: Answer,
    },
    /// The cancel callback of a mark started.
    CallbackStarted {
        /// On which thread.
        thread: Thread,
        /// Of which request.
        request: Request,
        /// Of which mark.
        arming: Arming,
    },
    /// It returned.
    CallbackReturned {
        /// On which thread.
        thread: Thread,
        /// Of which request.
        request: Request,
        /// Of which mark.
        arming: Arming,
    },
    /// The callback object of a mark was given back.
    Released {
        /// Of which mark.
        arming: Arming,
    },
    /// The driver was told that a request was canceled in the queue.
    ToldOnQueue {
        /// On which thread.
        thread: Thread,
        /// Which request.
        request: Request,
    },
    /// The driver was told of a request, as the queue stops.
    Stopped {
        /// Which request.
        request: Request,
        /// Whether it was said to be cancelable.
        is_cancelable: bool,
    },
    /// The driver was told that the purge is over.
    Purged,
    /// The framework says that a request has ended.
    Completed {
        /// Which request.
        request: Request,
        /// How.
        status: Status,
    },
    /// The framework has given back its last reference on a request.
    Destroyed {
        /// Which request.
        request: Request,
    },
    /// The completion of a sent request ran.
    SentCompleted {
        /// In which life.
        life: u8,
        /// How it ended.
        status: Status,
    },
    /// The callback object was destroyed.
    ObjectDestroyed,
    /// All threads have ended, and everything has been delivered.
    Settled,
    /// At the end, the cancel bit of a request is set.
    Touched {
        /// Which request.
        request: Request,
    },
}

/// A call with its answer, by the places of both among the events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who called.
    pub thread: Thread,
    /// What was called.
    pub step: Step,
    /// The mark that it makes.
    pub arming: Option<Arming>,
    /// The request in whose callback the call is made.
    pub inside: Option<Request>,
    /// The place of the call.
    pub called: usize,
    /// The place of the answer, and the answer.
    pub answer: Option<(usize, Answer)>,
}

/// The calls with their answers, in the order in which they were made.
#[must_use]
pub fn operations(events: &[Event]) -> Vec<Operation> {
    let mut operations: Vec<Operation> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        match *event {
            Event::Called { thread, step, arming, inside } => {
                operations.push(Operation { thread, step, arming, inside, called: place, answer: None });
            }
            Event::Answered { thread, answer } => {
                let open =
                    operations.iter_mut().rev().find(|open| open.thread == thread && open.answer.is_none());
                if let Some(open) = open {
                    open.answer = Some((place, answer));
                }
            }
            _ => {}
        }
    }
    operations
}

impl Operation {
    /// The answer, if it came.
    #[must_use]
    pub fn reply(&self) -> Option<Answer> {
        self.answer.map(|(_, answer)| answer)
    }

    /// The request that it is about.
    #[must_use]
    pub fn request(&self) -> Option<Request> {
        self.step.request()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Reply(reply) => write!(f, "{reply}"),
            Answer::Refused(misuse) => write!(f, "refused: {misuse}"),
            Answer::Moved => f.write_str("queued"),
            Answer::Retrieved(request) => write!(f, "request {request}"),
            Answer::Empty => f.write_str("empty"),
            Answer::Selected(Selected::Requested) => f.write_str("requested"),
            Answer::Selected(Selected::NotFound) | Answer::CancelSent(CancelSent::NotFound) => {
                f.write_str("not found")
            }
            Answer::Selected(Selected::BadHandle) => f.write_str("bad handle"),
            Answer::Selected(Selected::AccessDenied) => f.write_str("access denied"),
            Answer::CancelSent(CancelSent::Canceled) => f.write_str("canceled"),
            Answer::CancelSent(CancelSent::NotCanceled) => f.write_str("not canceled"),
            Answer::Submitted => f.write_str("submitted"),
            Answer::NotSubmitted => f.write_str("not submitted"),
            Answer::Reused => f.write_str("reused"),
            Answer::Ended(status) => write!(f, "{status}"),
            Answer::Has(true) => f.write_str("yes"),
            Answer::Has(false) => f.write_str("no"),
            Answer::IsLast(true) => f.write_str("destroyed"),
            Answer::IsLast(false) => f.write_str("alive"),
            Answer::Done => f.write_str("done"),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Called { thread, step, .. } => write!(f, "thread {thread}: {step}"),
            Event::Answered { thread, answer } => write!(f, "thread {thread}:   -> {answer}"),
            Event::CallbackStarted { thread, request, arming } => {
                write!(f, "thread {thread}: callback of mark {} of request {request} starts", arming + 1)
            }
            Event::CallbackReturned { thread, request, arming } => {
                write!(f, "thread {thread}: callback of mark {} of request {request} returns", arming + 1)
            }
            Event::Released { arming } => write!(f, "callback object of mark {} is released", arming + 1),
            Event::ToldOnQueue { thread, request } => {
                write!(f, "thread {thread}: driver is told that request {request} was canceled in the queue")
            }
            Event::Stopped { request, is_cancelable } => {
                let cancelable = if *is_cancelable { ", cancelable" } else { "" };
                write!(f, "driver is told that the queue stops: request {request}{cancelable}")
            }
            Event::Purged => f.write_str("driver is told that the purge is over"),
            Event::Completed { request, status } => write!(f, "request {request} has ended: {status}"),
            Event::Destroyed { request } => write!(f, "request {request} is destroyed"),
            Event::SentCompleted { life, status } => {
                write!(f, "sent request has ended in life {}: {status}", life + 1)
            }
            Event::ObjectDestroyed => f.write_str("callback object is destroyed"),
            Event::Settled => f.write_str("all threads have ended"),
            Event::Touched { request } => write!(f, "request {request} had been canceled"),
        }
    }
}

/// The answers that each thread got, and how each request ended: what an observer could tell two executions apart by.
#[must_use]
pub fn outcome(events: &[Event], threads: usize, requests: usize) -> String {
    let operations = operations(events);
    let mut parts: Vec<String> = Vec::new();
    for thread in 0..threads as Thread {
        let answers: Vec<String> = operations
            .iter()
            .filter(|operation| operation.thread == thread && operation.inside.is_none())
            .filter_map(|operation| match operation.reply() {
                None | Some(Answer::Done) => None,
                Some(answer) => Some(format!("{}={answer}", operation.step)),
            })
            .collect();
        parts.push(if answers.is_empty() { "–".to_owned() } else { answers.join(", ") });
    }
    let mut ends: Vec<String> = (0..requests as Request).map(|request| ending(events, request)).collect();
    ends.extend(events.iter().filter_map(|event| match event {
        Event::SentCompleted { life, status } => Some(format!("life {} {status}", life + 1)),
        Event::Purged => Some("purged".to_owned()),
        Event::ObjectDestroyed => Some("object destroyed".to_owned()),
        _ => None,
    }));
    format!("{} ; {}", parts.join(" | "), ends.join(", "))
}

/// How one request ended: status, callbacks, and whether its cancel bit is set.
fn ending(events: &[Event], request: Request) -> String {
    let status = events.iter().find_map(|event| match event {
        Event::Completed { request: ended, status } if *ended == request => Some(status.to_string()),
        _ => None,
    });
    let count = |wanted: fn(&Event) -> Option<Request>| {
        events.iter().filter(|event| wanted(event) == Some(request)).count()
    };
    let callbacks = count(|event| match event {
        Event::CallbackStarted { request, .. } => Some(*request),
        _ => None,
    });
    let told = count(|event| match event {
        Event::ToldOnQueue { request, .. } => Some(*request),
        _ => None,
    });
    let stopped = count(|event| match event {
        Event::Stopped { request, .. } => Some(*request),
        _ => None,
    });
    let is_touched = events.contains(&Event::Touched { request });
    let mut text = status.unwrap_or_else(|| "open".to_owned());
    if callbacks > 0 {
        let _ = write!(text, " {callbacks} callback{}", if callbacks == 1 { "" } else { "s" });
    }
    if told > 0 {
        text += " told";
    }
    if stopped > 0 {
        text += " stopped";
    }
    if is_touched {
        text += " K";
    }
    text
}
