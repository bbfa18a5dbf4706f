//! Programs over a whole system: several requests, their queue, the application's side, sent requests and objects.
//!
//! The text form is that of programs over one request, with numbers behind the calls and the setup behind the
//! semicolon:
//!
//! ```
//! use cancelproof::system::Program;
//!
//! let program: Program = "mark:0 finish:0 | purge ; callback-completes".parse().unwrap();
//! assert_eq!(program.threads.len(), 2);
//! assert_eq!(program.to_string(), "mark:0 finish:0 | purge ; callback-completes");
//! ```

use std::fmt;
use std::str::FromStr;

/// The most threads of a program.
pub const MAX_THREADS: usize = 4;
/// The most requests of a program.
pub const MAX_REQUESTS: usize = 3;

/// What a step does. Unless it is said otherwise, its first number is that of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// The driver marks; if refused with "canceled" it completes.
    Mark,
    /// The driver unmarks; if refused, completion is left to the callback.
    Unmark,
    /// The driver unmarks and completes if that was granted.
    Finish,
    /// The driver completes.
    Complete,
    /// The driver asks.
    IsCanceled,
    /// The driver puts the request back into its queue.
    Requeue,
    /// The driver puts the request into the second queue.
    Forward,
    /// The driver retrieves the next request of the queue with that number, and completes it.
    Serve,
    /// The I/O manager cancels.
    Cancel,
    /// The queue is purged.
    Purge,
    /// The queue is purged, and the driver is told when it owns no request any more.
    PurgeAndTell,
    /// The queue is opened again.
    Open,
    /// Callbacks are held back.
    HoldPower,
    /// Callbacks are no longer held back.
    ReleasePower,
    /// The queue stops: the driver is told of each request that it owns.
    Stop,
    /// What follows, up to the end, is a handler of the queue.
    Handler,
    /// What follows, up to the end, is another synchronized callback.
    Synchronized,
    /// The end of a handler or a synchronized callback.
    End,
    /// Blocks until the callback of the request has returned.
    Await,
    /// Starts the thread of that number, and hands the requests over to it.
    Start,
    /// The driver sends the request that it has made itself.
    Send,
    /// The driver cancels the first life of the request that it has sent.
    CancelSent,
    /// The timer cancels the first life of the request that was sent.
    Timer,
    /// The driver below ends the request that was sent.
    EndBelow,
    /// The driver uses the request again.
    Reuse,
    /// The application issues the request on a handle with an `OVERLAPPED`.
    Issue,
    /// The application issues the request on a handle and is blocked until it has ended.
    Block,
    /// The application waits until the request has ended.
    Collect,
    /// `CancelIo` on a handle.
    CancelIo,
    /// `CancelIoEx` on a handle, and if there is a second number with that `OVERLAPPED`.
    CancelIoEx,
    /// `CancelSynchronousIo` on a thread.
    CancelSynchronousIo,
    /// The same without the right to.
    CancelSynchronousIoDenied,
    /// A handle is closed.
    Close,
    /// The thread ends, as the application sees it.
    Exit,
    /// The driver takes a reference on the callback object.
    AddRef,
    /// The driver gives a reference on the callback object back.
    Release,
    /// The driver asks the callback object for the interface of that number.
    Query,
}

/// A verb, its name, and the fewest and the most numbers that it takes.
const VERBS: &[(Verb, &str, usize, usize)] = &[
    (Verb::Mark, "mark", 1, 1),
    (Verb::Unmark, "unmark", 1, 1),
    (Verb::Finish, "finish", 1, 1),
    (Verb::Complete, "complete", 1, 1),
    (Verb::IsCanceled, "is-canceled", 1, 1),
    (Verb::Requeue, "requeue", 1, 1),
    (Verb::Forward, "forward", 1, 1),
    (Verb::Serve, "serve", 1, 1),
    (Verb::Cancel, "cancel", 1, 1),
    (Verb::Purge, "purge", 0, 0),
    (Verb::PurgeAndTell, "purge-and-tell", 0, 0),
    (Verb::Open, "open", 0, 0),
    (Verb::HoldPower, "hold-power", 0, 0),
    (Verb::ReleasePower, "release-power", 0, 0),
    (Verb::Stop, "stop", 0, 0),
    (Verb::Handler, "handler", 0, 0),
    (Verb::Synchronized, "synchronized", 0, 0),
    (Verb::End, "end", 0, 0),
    (Verb::Await, "await", 1, 1),
    (Verb::Start, "start", 1, 1),
    (Verb::Send, "send", 0, 0),
    (Verb::CancelSent, "cancel-sent", 0, 0),
    (Verb::Timer, "timer", 0, 0),
    (Verb::EndBelow, "end-below", 0, 0),
    (Verb::Reuse, "reuse", 0, 0),
    (Verb::Issue, "issue", 3, 3),
    (Verb::Block, "block", 2, 2),
    (Verb::Collect, "collect", 1, 1),
    (Verb::CancelIo, "cancel-io", 1, 1),
    (Verb::CancelIoEx, "cancel-io-ex", 1, 2),
    (Verb::CancelSynchronousIo, "cancel-synchronous-io", 1, 1),
    (Verb::CancelSynchronousIoDenied, "cancel-synchronous-io-denied", 1, 1),
    (Verb::Close, "close", 1, 1),
    (Verb::Exit, "exit", 0, 0),
    (Verb::AddRef, "add-ref", 0, 0),
    (Verb::Release, "release", 0, 0),
    (Verb::Query, "query", 1, 1),
];

/// One step of a thread.
///
/// As in programs over one request, steps are idioms that keep a driver's rules, and are skipped once their thread has
/// given the request up; *raw* steps, with an exclamation mark, are made regardless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// What it does.
    pub verb: Verb,
    /// Its numbers; those that it has none for are `None`.
    pub numbers: [Option<u8>; 3],
    /// Whether it is made regardless of the driver's rules.
    pub is_raw: bool,
}

/// What the callback of a request does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behaviour {
    /// Completes the request as canceled.
    #[default]
    Completes,
    /// Nothing.
    Returns,
    /// Completes the request with success all the same.
    Succeeds,
    /// Calls everything that it may: the request itself, and a cancel of each other request.
    Reenters,
}

/// What the driver does with I/O that the application issues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Marks it, in the thread that has issued it.
    #[default]
    Marks,
    /// Leaves it unmarked.
    Keeps,
    /// It stays in the queue.
    Waits,
}

/// What the driver does with a request when its queue stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnStop {
    /// Unmarks, and completes if that was granted.
    #[default]
    Finishes,
    /// Unmarks, and puts it back into the queue if that was granted.
    Requeues,
    /// Completes a marked request, which it must not.
    Misuses,
}

/// The system that a program runs on.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the setup, and any combination makes sense"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setup {
    /// What cancel callbacks do.
    pub behaviour: Behaviour,
    /// What the driver does with issued I/O.
    pub delivery: Delivery,
    /// What the driver does when the queue stops.
    pub on_stop: OnStop,
    /// Whether mark refuses canceled requests (`MarkCancelableEx`) instead of calling back.
    pub refuses: bool,
    /// Whether callbacks of the driver's exclude each other.
    pub is_synchronized: bool,
    /// Whether the driver is told of requests that are canceled in the queue.
    pub tells_on_queue: bool,
    /// Whether the requests wait in the queue at first, instead of being the driver's.
    pub is_queued: bool,
}

/// A word of a setup, and what it sets.
type Word = (&'static str, fn(&mut Setup));

/// The words of a setup that are not what goes without saying.
const WORDS: &[Word] = &[
    ("callback-completes", |setup| setup.behaviour = Behaviour::Completes),
    ("callback-returns", |setup| setup.behaviour = Behaviour::Returns),
    ("callback-succeeds", |setup| setup.behaviour = Behaviour::Succeeds),
    ("callback-reenters", |setup| setup.behaviour = Behaviour::Reenters),
    ("driver-keeps", |setup| setup.delivery = Delivery::Keeps),
    ("driver-waits", |setup| setup.delivery = Delivery::Waits),
    ("stop-requeues", |setup| setup.on_stop = OnStop::Requeues),
    ("stop-misuses", |setup| setup.on_stop = OnStop::Misuses),
    ("refusing", |setup| setup.refuses = true),
    ("synchronized", |setup| setup.is_synchronized = true),
    ("telling", |setup| setup.tells_on_queue = true),
    ("queued", |setup| setup.is_queued = true),
];

/// A program over a system. Thread 0 makes the system and waits for the others at the end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Program {
    /// The steps of each thread.
    pub threads: Vec<Vec<Step>>,
    /// The system.
    pub setup: Setup,
}

/// Why a text is no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A step that does not exist.
    #[error("unknown step {found:?}; steps are {}", verbs())]
    Step {
        /// What was found.
        found: String,
    },
    /// A step with too few or too many numbers.
    #[error("{verb} takes {expected} numbers, got {found:?}")]
    Numbers {
        /// The step.
        verb: &'static str,
        /// How many it takes.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A word of the setup that does not exist.
    #[error("unknown setup {found:?}; expected {}", words())]
    Setup {
        /// What was found.
        found: String,
    },
    /// Too many threads.
    #[error("at most {MAX_THREADS} threads, got {0}")]
    Threads(usize),
    /// Too many requests.
    #[error("requests are numbered up to {}, got {found}", MAX_REQUESTS - 1)]
    Requests {
        /// The number that was found.
        found: u8,
    },
}

impl Program {
    /// How many requests there are: as many as are spoken of, and one at least where they wait in the queue.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.steps()
            .filter_map(Step::request)
            .max()
            .map_or(usize::from(self.setup.is_queued), |highest| usize::from(highest) + 1)
    }

    /// How many queues there are.
    #[must_use]
    pub fn queues(&self) -> usize {
        let is_second = |step: Step| step.verb == Verb::Forward;
        if self.steps().any(is_second) { 2 } else { 1 }
    }

    /// All steps of all threads.
    pub fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        self.threads.iter().flatten().copied()
    }

    /// Whether it has a step with one of these verbs.
    #[must_use]
    pub fn has(&self, verbs: &[Verb]) -> bool {
        self.steps().any(|step| verbs.contains(&step.verb))
    }

    /// The threads that run from the beginning, thread 0 aside.
    pub fn running_from_the_beginning(&self) -> impl Iterator<Item = usize> + '_ {
        (1..self.threads.len()).filter(|&thread| {
            !self.steps().any(|step| step.verb == Verb::Start && step.numbers[0] == Some(thread as u8))
        })
    }
}

impl Step {
    /// The request that it is about.
    #[must_use]
    pub fn request(self) -> Option<u8> {
        let is_about_a_request = matches!(
            self.verb,
            Verb::Mark
                | Verb::Unmark
                | Verb::Finish
                | Verb::Complete
                | Verb::IsCanceled
                | Verb::Requeue
                | Verb::Forward
                | Verb::Cancel
                | Verb::Await
                | Verb::Issue
                | Verb::Block
                | Verb::Collect
        );
        self.numbers[0].filter(|_| is_about_a_request)
    }

    /// The number at a place; 0 if it has none.
    #[must_use]
    pub fn number(self, place: usize) -> u8 {
        self.numbers[place].unwrap_or_default()
    }
}

impl Verb {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        VERBS.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Whether only the owner of a request may do it.
    #[must_use]
    pub fn is_drivers(self) -> bool {
        matches!(
            self,
            Verb::Mark
                | Verb::Unmark
                | Verb::Finish
                | Verb::Complete
                | Verb::IsCanceled
                | Verb::Requeue
                | Verb::Forward
        )
    }
}

fn verbs() -> String {
    VERBS.iter().map(|row| row.1).collect::<Vec<_>>().join(", ")
}

fn words() -> String {
    WORDS.iter().map(|row| row.0).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.name())?;
        for number in self.numbers.iter().flatten() {
            write!(f, ":{number}")?;
        }
        if self.is_raw { f.write_str("!") } else { Ok(()) }
    }
}

impl FromStr for Step {
    type Err = ProgramError;

    fn from_str(text: &str) -> Result<Self, ProgramError> {
        let (text, is_raw) = match text.strip_suffix('!') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let row = VERBS.iter().find(|row| row.1 == name);
        let &(verb, name, fewest, most) = row.ok_or_else(|| ProgramError::Step { found: text.to_owned() })?;
        let wrong = || ProgramError::Numbers {
            verb: name,
            expected: if fewest == most { most.to_string() } else { format!("{fewest} to {most}") },
            found: text.to_owned(),
        };
        let given: Vec<u8> = parts.map(|part| part.parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
        if given.len() < fewest || given.len() > most {
            return Err(wrong());
        }
        let mut numbers = [None; 3];
        for (number, given) in numbers.iter_mut().zip(given) {
            *number = Some(given);
        }
        let step = Step { verb, numbers, is_raw };
        match step.request() {
            Some(request) if usize::from(request) >= MAX_REQUESTS => {
                Err(ProgramError::Requests { found: request })
            }
            _ => Ok(step),
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, thread) in self.threads.iter().enumerate() {
            let steps: Vec<String> = thread.iter().map(ToString::to_string).collect();
            write!(f, "{}{}", if number == 0 { "" } else { " | " }, steps.join(" "))?;
        }
        f.write_str(" ;")?;
        let mut so_far = Setup::default();
        for (number, (word, set)) in WORDS.iter().enumerate() {
            let mut with = so_far;
            set(&mut with);
            // What goes without saying is said only of the callback, for the reader.
            let is_said = number == 0 && self.setup.behaviour == Behaviour::Completes;
            let is_new = with != so_far && self.setup.has(*set);
            if is_said || is_new {
                write!(f, " {word}")?;
                so_far = with;
            }
        }
        Ok(())
    }
}

impl Setup {
    /// Whether a word would change nothing.
    fn has(self, set: fn(&mut Setup)) -> bool {
        let mut with = self;
        set(&mut with);
        with == self
    }
}

impl FromStr for Program {
    type Err = ProgramError;

    fn from_str(text: &str) -> Result<Self, ProgramError> {
        let (threads, setup) = text.split_once(';').unwrap_or((text, ""));
        let threads: Vec<Vec<Step>> = threads
            .split('|')
            .map(|thread| thread.split_whitespace().map(str::parse).collect())
            .collect::<Result<_, _>>()?;
        if threads.len() > MAX_THREADS {
            return Err(ProgramError::Threads(threads.len()));
        }
        let mut program = Program { threads, setup: Setup::default() };
        for word in setup.split_whitespace() {
            let row = WORDS.iter().find(|row| row.0 == word);
            let (_, set) = row.ok_or_else(|| ProgramError::Setup { found: word.to_owned() })?;
            set(&mut program.setup);
        }
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_read_as_it_is_written() {
        for text in [
            "mark:0 finish:0 | cancel:0 | purge ; callback-completes",
            "handler mark:0 end | cancel-io-ex:0:1 | cancel-io-ex:1 ; callback-returns refusing synchronized",
            "issue:0:0:1 collect:0 | block:1:2 ; callback-completes driver-waits telling queued",
            "mark:0 complete:0! ; callback-succeeds stop-requeues",
        ] {
            assert_eq!(text.parse::<Program>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_program_is_said_with_what_was_expected() {
        let message = |text: &str| text.parse::<Program>().unwrap_err().to_string();
        assert!(message("merk:0").starts_with("unknown step \"merk:0\"; steps are mark, "));
        assert_eq!(message("mark"), "mark takes 1 numbers, got \"mark\"");
        assert_eq!(message("mark:9"), "requests are numbered up to 2, got 9");
        assert!(message("mark:0 ; loudly").starts_with("unknown setup \"loudly\""));
        assert_eq!(message("purge|purge|purge|purge|purge"), "at most 4 threads, got 5");
    }
}
