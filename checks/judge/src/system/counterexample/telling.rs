//! What happens to a system, told to a reader: each event in words, and where each request is after it.

use cancelproof_machine::machine::Reply;
use cancelproof_machine::{Cancel, Mark, Unmark};

use crate::executor::Moment;
use crate::recorder::{Clocked, Noted};
use crate::system::history::{Answer, Event, Request};
use crate::system::program::{Delivery, Program, Step, Verb};
use crate::system::record::Record;
use crate::trace::{FromOutside, Outside};

/// The record of this thread, told as one of an execution of that program.
pub(super) struct Told {
    pub(super) record: std::sync::Arc<Record>,
    pub(super) program: std::sync::Arc<Program>,
}

impl Clocked<FromOutside> for Told {
    fn set_clock(&self, clock: Option<fn() -> Moment>) {
        self.record.set_clock(clock);
    }

    fn noted(&self, from: usize) -> Vec<Noted<FromOutside>> {
        let mut places = Places::of(&self.program);
        let moments = self.record.moments().into_iter().map(Some).chain(std::iter::repeat(None));
        let noted = |(event, moment): (Event, Option<Moment>)| {
            places.follow(event);
            Noted { moment, note: FromOutside { what: tell(event), state: places.to_text() } }
        };
        self.record.history().into_iter().zip(moments).map(noted).skip(from).collect()
    }

    fn harness_begins(&self) -> Option<Moment> {
        self.record.system_made()
    }
}

fn tell(event: Event) -> Outside {
    let mark = |arming: u8| arming.saturating_add(1);
    match event {
        Event::Called { thread, step, arming, inside } => Outside::Called {
            thread: inside.is_none().then_some(thread),
            call: Step { is_raw: false, ..step }.to_string(),
            is_raw: step.is_raw,
            mark: arming.map(mark),
            machine: None,
        },
        Event::Answered { answer, .. } => Outside::Answered { reply: answer.to_string(), machine: None },
        Event::CallbackStarted { arming, .. } => Outside::CallbackStarted(mark(arming)),
        Event::CallbackReturned { arming, .. } => Outside::CallbackReturned(mark(arming)),
        Event::Released { arming } => Outside::Released(mark(arming)),
        Event::Settled => Outside::Settled,
        Event::ToldOnQueue { request, .. } => {
            Outside::Note(format!("driver is told: request {request} was canceled in the queue"))
        }
        other => Outside::Note(other.to_string()),
    }
}

/// Where each request is, as far as it can be told from outside.
struct Places {
    words: Vec<String>,
    /// The calls that have not been answered, each with its thread.
    open: Vec<(u8, Step)>,
    is_queued_when_issued: bool,
}

impl Places {
    fn of(program: &Program) -> Self {
        let is_issued = |request: Request| {
            let issues = |step: Step| matches!(step.verb, Verb::Issue | Verb::Block);
            program.steps().any(|step| issues(step) && step.request() == Some(request))
        };
        let first = |request: usize| match (is_issued(request as Request), program.setup.is_queued) {
            (true, _) => "not issued",
            (false, true) => "queued",
            (false, false) => "owned",
        };
        Places {
            words: (0..program.requests()).map(|request| first(request).to_owned()).collect(),
            open: Vec::new(),
            is_queued_when_issued: program.setup.delivery == Delivery::Waits,
        }
    }

    fn set(&mut self, request: Request, word: &str) {
        if let Some(place) = self.words.get_mut(usize::from(request)) {
            word.clone_into(place);
        }
    }

    fn follow(&mut self, event: Event) {
        match event {
            Event::Called { thread, step, .. } => {
                self.open.push((thread, step));
                if let (Verb::Issue | Verb::Block, Some(request)) = (step.verb, step.request()) {
                    self.set(request, if self.is_queued_when_issued { "queued" } else { "owned" });
                }
            }
            Event::Answered { thread, answer } => {
                let open = self.open.iter().rposition(|(caller, _)| *caller == thread);
                let step = open.map(|place| self.open.remove(place).1);
                self.follow_answer(step.and_then(Step::request), answer);
            }
            Event::CallbackStarted { request, .. } => self.set(request, "calling back"),
            Event::CallbackReturned { request, .. } if self.is(request, &["calling back"]) => {
                self.set(request, "called back");
            }
            Event::Completed { request, status } => self.set(request, &format!("ended: {status}")),
            _ => {}
        }
    }

    fn follow_answer(&mut self, request: Option<Request>, answer: Answer) {
        match (answer, request) {
            // Who answers may come late: the callback may have been made meanwhile.
            (Answer::Reply(Reply::Mark(Mark::Marked)), Some(request)) if self.is(request, &["owned"]) => {
                self.set(request, "cancelable");
            }
            (Answer::Reply(Reply::Mark(Mark::Canceled)), Some(request)) => {
                self.set(request, "owned, canceled");
            }
            (Answer::Reply(Reply::Unmark(Unmark::Unmarked)), Some(request)) => self.set(request, "owned"),
            (Answer::Reply(Reply::Cancel(Cancel::Claimed)), Some(request))
                if self.is(request, &["owned", "cancelable"]) =>
            {
                self.set(request, "canceled");
            }
            (Answer::Moved, Some(request)) if self.is(request, &["owned", "owned, canceled"]) => {
                self.set(request, "queued");
            }
            (Answer::Submitted, Some(request)) if self.is(request, &["owned"]) => self.set(request, "sent"),
            (Answer::Retrieved(request), _) => self.set(request, "owned"),
            _ => {}
        }
    }

    fn is(&self, request: Request, words: &[&str]) -> bool {
        self.words.get(usize::from(request)).is_some_and(|word| words.contains(&word.as_str()))
    }

    /// `None` where there is no request of a queue.
    fn to_text(&self) -> Option<String> {
        match self.words.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            several => {
                let texts = several.iter().enumerate().map(|(request, word)| format!("{request} {word}"));
                Some(texts.collect::<Vec<_>>().join("; "))
            }
        }
    }
}
