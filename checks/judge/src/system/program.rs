//! Programs over a whole system: several requests, their queue, the application's side, sent requests and objects.
//!
//! The text form is that of programs over one request, with numbers behind the calls and the setup behind the
//! semicolon:
//!
//! ```
//! use cancelproof_judge::system::Program;
//!
//! let program: Program = "mark:0 finish:0 | purge ; callback-completes".parse().unwrap();
//! assert_eq!(program.threads.len(), 2);
//! assert_eq!(program.to_string(), "mark:0 finish:0 | purge ; callback-completes");
//! ```

mod setup;
mod shape;
mod verbs;

use std::fmt;
use std::str::FromStr;

use self::verbs::VERBS;

pub use self::setup::{Behaviour, Delivery, OnStop, Setup};
pub(super) use self::shape::HANDLES;
pub use self::verbs::Verb;

/// The most threads of a program.
pub const MAX_THREADS: usize = 4;
/// The most requests of a program.
pub const MAX_REQUESTS: usize = 3;
/// The longest text of a program, in bytes: a replay token has room for it.
pub const MAX_LETTERS: usize = 255;

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
    #[error("unknown step {found:?}; steps are {}", verbs::names())]
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
    #[error("unknown setup {found:?}; expected {}", setup::names())]
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
    /// A text that is too long.
    #[error("the text of a program has at most {MAX_LETTERS} letters, got {found}")]
    Letters {
        /// How long it is, in bytes.
        found: usize,
    },
    /// A `start` that does not name exactly one later thread, or does not stand in thread 0.
    #[error(
        "start:{target} in thread {thread}: only thread 0 starts threads, each of 1 to {last} at most once"
    )]
    Start {
        /// The thread it stands in.
        thread: usize,
        /// The thread it names.
        target: u8,
        /// The last thread of the program.
        last: usize,
    },
    /// A handler or synchronized callback that begins in another, or an end of none.
    #[error(
        "{step} in thread {thread}: a handler or synchronized callback ends before the next begins, and only once"
    )]
    Section {
        /// The thread it stands in.
        thread: usize,
        /// The step.
        step: String,
    },
    /// A number of something that there is not.
    #[error("{step} names no {what} that there is; the last is {last}")]
    Unknown {
        /// Of what.
        what: &'static str,
        /// The last that there is.
        last: usize,
        /// The step.
        step: String,
    },
}

impl Program {
    /// Refuses what no system could run as it is written.
    ///
    /// # Errors
    ///
    /// Returns the first thing that is wrong with it. A program that was read from a text is whole.
    pub fn check(&self) -> Result<(), ProgramError> {
        shape::check(self)
    }

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
        let is_about_a_request = self.verb.is_drivers()
            || matches!(
                self.verb,
                Verb::EndDown | Verb::Cancel | Verb::Await | Verb::Issue | Verb::Block | Verb::Collect
            );
        self.numbers[0].filter(|_| is_about_a_request)
    }

    /// What it does, in words.
    #[must_use]
    pub fn meaning(self) -> String {
        let row = VERBS.iter().find(|row| row.0 == self.verb);
        let mut text = row.map_or("", |row| row.4).to_owned();
        for (place, number) in self.numbers.iter().enumerate() {
            let number = number.map(|number| number.to_string()).unwrap_or_default();
            text = text.replace(&format!("{{{place}}}"), &number);
        }
        let more = match (self.verb, self.numbers[1]) {
            (Verb::CancelIoEx, Some(overlapped)) => format!(" with OVERLAPPED {overlapped}"),
            (Verb::CancelIoEx, None) => ", whatever the OVERLAPPED".to_owned(),
            _ => String::new(),
        };
        text + &more + if self.is_raw { ", whether or not it may" } else { "" }
    }

    /// The number at a place; 0 if it has none.
    #[must_use]
    pub fn number(self, place: usize) -> u8 {
        self.numbers[place].unwrap_or_default()
    }
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
        let &(verb, name, fewest, most, _) =
            row.ok_or_else(|| ProgramError::Step { found: text.to_owned() })?;
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
        for (word, _) in self.setup.words() {
            write!(f, " {word}")?;
        }
        Ok(())
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
        let mut program = Program { threads, setup: Setup::default() };
        for word in setup.split_whitespace() {
            let set = setup::named(word).ok_or_else(|| ProgramError::Setup { found: word.to_owned() })?;
            set(&mut program.setup);
        }
        program.check()?;
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
    fn every_step_is_explained_with_its_numbers() {
        let meaning = |text: &str| text.parse::<Step>().unwrap().meaning();
        assert_eq!(meaning("cancel-io-ex:1:2"), "CancelIoEx on handle 1 with OVERLAPPED 2");
        assert_eq!(meaning("complete:0!"), "the driver completes request 0, whether or not it may");
        for &(verb, name, fewest, _, meaning) in VERBS {
            let places = (0..3).filter(|place| meaning.contains(&format!("{{{place}}}"))).count();
            assert_eq!(places, fewest, "{name}");
            assert_eq!(verb.name(), name);
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
        for (text, expected) in [
            (
                "start:2 | purge",
                "start:2 in thread 0: only thread 0 starts threads, each of 1 to 1 at most once",
            ),
            ("start:1 start:1 | purge", "start:1 in thread 0: only thread 0"),
            ("purge | start:1", "start:1 in thread 1: only thread 0"),
            ("start:0", "start:0 in thread 0: only thread 0"),
            ("end", "end in thread 0: a handler"),
            ("handler synchronized end", "synchronized in thread 0: a handler"),
            ("issue:0:3:1", "issue:0:3:1 names no handle that there is; the last is 2"),
            ("close:200", "close:200 names no handle"),
            ("serve:1", "serve:1 names no queue that there is; the last is 0"),
            ("query:3", "query:3 names no interface"),
            ("cancel-synchronous-io:1", "cancel-synchronous-io:1 names no thread"),
            (&"purge ".repeat(60), "the text of a program has at most 255 letters, got "),
        ] {
            assert!(message(text).starts_with(expected), "{text}: {}", message(text));
        }
        for text in ["mark:0 forward:0 serve:1", "handler mark:0 end synchronized mark:1 | purge"] {
            assert_eq!(text.parse::<Program>().unwrap().check(), Ok(()), "{text}");
        }
    }
}
