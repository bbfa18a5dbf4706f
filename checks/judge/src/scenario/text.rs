//! The text form of programs: `mark finish | cancel | cancel ; callback completes`.

use std::fmt;
use std::str::FromStr;

use super::{Behaviour, Program, Step};

/// The most threads a program may have: one less than loom's limit, and what the other engines can exhaust.
pub const MAX_THREADS: usize = 8;

/// The most steps a thread may have.
pub const MAX_STEPS: usize = 16;

/// The most steps a program may have in all: with three calls in each callback that fits the search for a run of the
/// machine, which holds up to 128 calls.
pub(super) const MAX_STEPS_IN_ALL: usize = 31;

/// Why a text is not a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A word that is no step.
    #[error("unknown step {word:?} in thread {thread}; steps are {}", step_names())]
    UnknownStep {
        /// The word.
        word: String,
        /// The thread it stands in.
        thread: usize,
    },
    /// A phrase after the semicolon that is no behaviour.
    #[error("unknown callback {phrase:?}; expected one of {}", behaviour_names())]
    UnknownCallback {
        /// The phrase.
        phrase: String,
    },
    /// Too many threads.
    #[error("a program has 1 to {MAX_THREADS} threads, got {found}")]
    Threads {
        /// How many there were.
        found: usize,
    },
    /// Too many steps in a thread.
    #[error("a thread has at most {MAX_STEPS} steps, thread {thread} has {found}")]
    Steps {
        /// The thread.
        thread: usize,
        /// How many it has.
        found: usize,
    },
    /// Too many steps in all.
    #[error("a program has at most {MAX_STEPS_IN_ALL} steps in all, got {found}")]
    StepsInAll {
        /// How many there were.
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
    /// A `start` behind another one: the request has been given away by then.
    #[error(
        "start:{target} comes after start:{first}, which hands the request on: thread {target} would never run; let it run \
         from the beginning, without a start"
    )]
    NeverStarted {
        /// The thread that is started first.
        first: u8,
        /// The thread that would not be.
        target: u8,
    },
}

const STEPS: [(Step, &str); 17] = [
    (Step::Mark, "mark"),
    (Step::Unmark, "unmark"),
    (Step::Finish, "finish"),
    (Step::FinishTogether, "finish-together"),
    (Step::FinishAlone, "finish-alone"),
    (Step::Complete, "complete"),
    (Step::IsCanceled, "is-canceled"),
    (Step::Cancel, "cancel"),
    (Step::RawMark, "mark!"),
    (Step::RawUnmark, "unmark!"),
    (Step::RawComplete, "complete!"),
    (Step::RawIsCanceled, "is-canceled!"),
    (Step::Receive, "receive"),
    (Step::Deliver, "deliver"),
    (Step::Work, "work"),
    (Step::Purge, "purge"),
    (Step::Stop, "stop"),
];

const BEHAVIOURS: [(Behaviour, &str); 6] = [
    (Behaviour::Completes, "completes"),
    (Behaviour::Reenters, "reenters"),
    (Behaviour::CompletesTogether, "completes-together"),
    (Behaviour::Returns, "returns"),
    (Behaviour::Panics, "panics"),
    (Behaviour::WaitsForUnmark, "waits-for-unmark"),
];

const CALLBACK: &str = "callback";
const START: &str = "start:";

fn step_names() -> String {
    let names: Vec<&str> = STEPS.iter().map(|(_, name)| *name).chain(["start:N"]).collect();
    names.join(", ")
}

fn behaviour_names() -> String {
    let names: Vec<String> = BEHAVIOURS.iter().map(|(_, name)| format!("\"{CALLBACK} {name}\"")).collect();
    names.join(", ")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Step::Start(thread) = self {
            return write!(f, "{START}{thread}");
        }
        let name = STEPS.iter().find(|(step, _)| step == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = BEHAVIOURS.iter().find(|(behaviour, _)| behaviour == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, thread) in self.threads.iter().enumerate() {
            if number > 0 {
                f.write_str(" | ")?;
            }
            let steps: Vec<String> = thread.iter().map(Step::to_string).collect();
            f.write_str(&steps.join(" "))?;
        }
        write!(f, " ; {CALLBACK} {}", self.callback)
    }
}

impl FromStr for Program {
    type Err = ProgramError;

    fn from_str(text: &str) -> Result<Self, ProgramError> {
        let (threads, callback) = match text.split_once(';') {
            Some((threads, phrase)) => (threads, parse_callback(phrase)?),
            None => (text, Behaviour::default()),
        };
        let threads =
            threads.split('|').enumerate().map(parse_thread).collect::<Result<Vec<_>, ProgramError>>()?;
        let program = Program { threads, callback };
        check_shape(&program)?;
        Ok(program)
    }
}

fn parse_callback(phrase: &str) -> Result<Behaviour, ProgramError> {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    BEHAVIOURS
        .iter()
        .find(|(_, name)| words == [CALLBACK, name])
        .map(|(behaviour, _)| *behaviour)
        .ok_or_else(|| ProgramError::UnknownCallback { phrase: words.join(" ") })
}

fn parse_thread((thread, text): (usize, &str)) -> Result<Vec<Step>, ProgramError> {
    text.split_whitespace().map(|word| parse_step(thread, word)).collect()
}

fn parse_step(thread: usize, word: &str) -> Result<Step, ProgramError> {
    if let Some(target) = word.strip_prefix(START).and_then(|digits| digits.parse().ok()) {
        return Ok(Step::Start(target));
    }
    STEPS
        .iter()
        .find(|(_, name)| *name == word)
        .map(|(step, _)| *step)
        .ok_or_else(|| ProgramError::UnknownStep { word: word.to_owned(), thread })
}

fn check_shape(program: &Program) -> Result<(), ProgramError> {
    let found = program.threads.len();
    if !(1..=MAX_THREADS).contains(&found) {
        return Err(ProgramError::Threads { found });
    }
    if program.len() > MAX_STEPS_IN_ALL {
        return Err(ProgramError::StepsInAll { found: program.len() });
    }
    let mut started = Vec::new();
    for (thread, steps) in program.threads.iter().enumerate() {
        if steps.len() > MAX_STEPS {
            return Err(ProgramError::Steps { thread, found: steps.len() });
        }
        for step in steps {
            if let Step::Start(target) = *step {
                let last = found - 1;
                let fits = thread == 0 && (1..=last).contains(&usize::from(target));
                if !fits || started.contains(&target) {
                    return Err(ProgramError::Start { thread, target, last });
                }
                if let Some(&first) = started.first() {
                    return Err(ProgramError::NeverStarted { first, target });
                }
                started.push(target);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_and_behaviour_survives_the_round_trip() {
        for (behaviour, _) in BEHAVIOURS {
            let steps: Vec<Step> = STEPS.iter().map(|(step, _)| *step).collect();
            // No thread may have as many steps as there are.
            let mut threads = vec![vec![Step::Start(1)]];
            threads.extend(steps.chunks(MAX_STEPS).map(<[Step]>::to_vec));
            let program = Program { threads, callback: behaviour };
            assert_eq!(program.to_string().parse(), Ok(program));
        }
    }

    #[test]
    fn what_is_no_program_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<Program>().unwrap_err().to_string();
        assert!(refused("mark | cnacel").starts_with("unknown step \"cnacel\" in thread 1; steps are mark,"));
        assert!(refused("mark ; callback explodes").starts_with("unknown callback \"callback explodes\""));
        assert_eq!(refused("||||||||"), "a program has 1 to 8 threads, got 9");
        assert!(refused("mark start:2 | cancel").starts_with("start:2 in thread 0"));
        assert!(refused("mark | start:1").starts_with("start:1 in thread 1"));
        assert!(refused("start:1 start:1 | cancel").starts_with("start:1 in thread 0"));
        assert!(refused("mark start:1 start:2 | cancel | cancel").starts_with("start:2 comes after start:1"));
        assert!(refused(&"mark ".repeat(17)).starts_with("a thread has at most 16 steps"));
        let full = ["mark "; 4].map(|step| step.repeat(8)).join("|");
        assert_eq!(refused(&full), "a program has at most 31 steps in all, got 32");
    }
}
