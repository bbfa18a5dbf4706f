//! What a request is, in two hashes: of its source, and of what it does.
//!
//! The *behaviour* is found by exploring every execution of a few small programs: the operations of each execution, in
//! order, with what they read and write, and what was seen from outside. Values are named by the order in which they
//! come up, so neither an address nor a renumbered constant counts as another behaviour; a line that moved does not
//! either, another ordering does. So a change that leaves the behaviour as it was needs no new judgement as far as
//! these programs go.
//!
//! The *source* is the text of the files in which the operations are written, with the modules below them. It can be
//! had only where the sources lie; elsewhere there is none, and that is said.

mod listener;
mod source;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::dpor;
use crate::execution::{self, Record};
use crate::executor::intercept;
use crate::history::Order;
use crate::scenario::Program;
use crate::subject::{Platform, Subject};

use listener::{Heard, Listener};
pub use source::{roots, suite};

/// The programs whose executions make the behaviour: every call, in every state, in a race where there is one.
const PROGRAMS: [&str; 14] = [
    "mark finish | cancel",
    "mark unmark mark | cancel | cancel",
    "cancel mark",
    "is-canceled complete | cancel",
    "mark | cancel ; callback reenters",
    "mark finish-together | cancel ; callback completes-together",
    "mark finish | cancel ; callback panics",
    "mark cancel start:1 | unmark ; callback returns",
    "mark start:1 cancel | mark! ; callback returns",
    "mark start:1 cancel | complete! ; callback returns",
    "mark start:1 cancel | is-canceled! ; callback returns",
    "mark cancel mark! unmark! is-canceled! complete! is-canceled! ; callback returns",
    "cancel is-canceled! mark! is-canceled! complete! is-canceled!",
    "mark! mark! is-canceled! complete! unmark! unmark! complete! complete! is-canceled! mark! cancel",
];

/// Executions of each program that are looked at.
const EXECUTIONS_MAX: u64 = 300;

/// The stack of each task; hashing is done on it.
const STACK_BYTES: usize = 1 << 20;

/// Decisions of one execution. A request that calls back from within its callback without end is stopped by this
/// before it has used up its stack.
const STEPS_MAX: u32 = 300;

/// What a request is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The hash of what it does; `None` if it does not run on the executor of this suite.
    pub behaviour: Option<String>,
    /// The hash of its source; `None` if the files cannot be read from here.
    pub source: Option<String>,
    /// The files in which its operations are written, as the compiler was given them.
    pub files: BTreeSet<String>,
}

/// Finds out what `subject` does, by running it, and reads its source from below one of `roots`.
///
/// # Example
///
/// ```
/// use cancelproof::{fingerprint, registry};
///
/// let of = |name: &str| fingerprint::of(registry::subject(name).unwrap(), &[]).behaviour;
/// assert_eq!(of("word"), of("word"));
/// assert_ne!(of("word"), of("word-claims-relaxed"));
/// ```
#[must_use]
pub fn of(subject: &'static dyn Subject, roots: &[PathBuf]) -> Fingerprint {
    if !subject.runs_on(Platform::Controlled) {
        return Fingerprint { behaviour: None, source: None, files: BTreeSet::new() };
    }
    let mut hash = Sha256::new();
    let mut files = BTreeSet::new();
    for text in PROGRAMS {
        // The texts are constant, and a test parses them.
        let Ok(program) = text.parse::<Program>() else { continue };
        hash.update(text);
        hash.update(digest(subject, program, &mut files));
    }
    let source = source::hash(&files, roots);
    Fingerprint { behaviour: Some(hexadecimal(&hash.finalize())), source, files }
}

/// The hash of all executions of a program, in the order in which they are explored.
fn digest(
    subject: &'static dyn Subject,
    program: Program,
    files: &mut BTreeSet<String>,
) -> impl AsRef<[u8]> + use<> {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let all = Arc::new(Mutex::new(Sha256::new()));
    let (at_end, sum) = (Arc::clone(&heard), Arc::clone(&all));
    let on_execution = move |execution: &dpor::Execution<'_>| {
        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.update(at_end.lock().unwrap_or_else(PoisonError::into_inner).text.as_bytes());
        for event in &Record::of_this_thread().history(Order::RealTime).events {
            sum.update(format!("{event}\n"));
        }
        sum.update(if execution.failure.is_some() { "failed\n" } else { "ended\n" });
        Ok(())
    };
    let options = dpor::Options {
        executions: Some(EXECUTIONS_MAX),
        steps: STEPS_MAX,
        stack_bytes: STACK_BYTES,
        on_execution: Some(Arc::new(on_execution)),
        ..dpor::Options::default()
    };
    let (program, into) = (Arc::new(program), Arc::clone(&heard));
    dpor::explore(&options, move || {
        intercept(Listener::begin(&into));
        execution::run(&program, || {
            subject
                .on_controlled()
                .expect("a subject makes a request on each platform that it says it runs on")
        });
    });
    files.append(&mut heard.lock().unwrap_or_else(PoisonError::into_inner).files);
    let all = all.lock().unwrap_or_else(PoisonError::into_inner).clone();
    all.finalize()
}

/// Bytes as text.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn every_program_is_one() {
        for text in PROGRAMS {
            assert!(text.parse::<Program>().is_ok(), "{text}");
        }
    }

    #[test]
    fn every_fault_behaves_otherwise_than_its_request_and_every_reference_than_the_others() {
        let of = |subject| super::of(subject, &[]).behaviour.expect("it runs on our executor");
        let references: BTreeSet<String> = registry::REFERENCES.iter().map(|&subject| of(subject)).collect();
        assert_eq!(references.len(), registry::REFERENCES.len());
        let alike: Vec<&str> = registry::FAULTS
            .iter()
            .filter(|fault| references.contains(&of(fault.subject)))
            .map(|fault| fault.about.name)
            .collect();
        assert_eq!(alike, Vec::<&str>::new(), "their change is not seen");
    }

    #[test]
    fn the_source_is_hashed_with_the_modules_below_it() {
        let word = of(registry::subject("word").expect("it is registered"), &roots());
        let files = ["model/references/src/requests/word.rs", "model/references/src/requests/word/state.rs"];
        assert_eq!(word.files, BTreeSet::from(files.map(str::to_owned)));
        let source = word.source.expect("the source lies here");
        assert_eq!(source.len(), 64);
        let elsewhere =
            of(registry::subject("word").expect("it is registered"), &[PathBuf::from("/nowhere")]);
        assert_eq!((elsewhere.source, elsewhere.behaviour), (None, word.behaviour));
        assert_ne!(suite(&roots()), Some(source));
    }
}
