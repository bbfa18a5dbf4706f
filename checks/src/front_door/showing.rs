//! What the tests of a target have shown, and how each of them passed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::conformance::{Shown, keep};
use crate::counterexample::Counterexample;
use crate::exploration::Bound;
use crate::verdict::Verdict;

/// The variable that names a folder in which each test keeps what it has shown.
pub(super) const RESULTS_VARIABLE: &str = "CANCELPROOF_RESULTS";

/// What the tests of this process have shown.
static SHOWN: Mutex<Vec<Shown>> = Mutex::new(Vec::new());

/// How a check came out.
pub(super) type Outcome = Result<Passed, Trouble>;

/// How a test failed.
#[derive(Debug)]
pub(super) struct Trouble {
    /// The word that it is known by.
    pub(super) word: &'static str,
    /// What to show.
    pub(super) words: String,
    /// What it is a failure of, if there is a counterexample.
    pub(super) cause: Option<Cause>,
}

/// What a counterexample shows, by which failures of one cause are put together.
#[derive(Debug)]
pub(super) struct Cause {
    /// The rule that is broken.
    pub(super) rule: String,
    /// The program in which it is.
    pub(super) program: String,
    /// How long the counterexample is.
    pub(super) steps: usize,
    /// By which it is run again.
    pub(super) token: String,
}

impl From<(&'static str, String)> for Trouble {
    fn from((word, words): (&'static str, String)) -> Self {
        Trouble { word, words, cause: None }
    }
}

impl Trouble {
    /// The same with what is said before and after it.
    pub(super) fn between(self, before: &str, after: &str) -> Self {
        Trouble { words: format!("{before}{}{after}", self.words), ..self }
    }
}

impl Cause {
    pub(super) fn of(found: &Counterexample) -> Self {
        let header = &found.trace.header;
        Cause {
            rule: header.broken.as_ref().map_or_else(String::new, |broken| broken.rule.clone()),
            program: header.program.clone(),
            steps: found.trace.steps.len(),
            token: found.token.to_string(),
        }
    }
}

/// How a test passed.
#[derive(Debug)]
pub(super) struct Passed {
    pub(super) word: &'static str,
    /// What was covered, where an engine did not get to the end.
    pub(super) bound: Option<Bound>,
}

impl Passed {
    pub(super) fn with(verdict: &Verdict) -> Self {
        let bound = match verdict {
            Verdict::Bounded(bound) => Some(bound.clone()),
            _ => None,
        };
        Passed { word: verdict.word(), bound }
    }
}

impl From<&'static str> for Passed {
    fn from(word: &'static str) -> Self {
        Passed { word, bound: None }
    }
}

/// Everything that the tests of this process have shown.
pub(super) fn shown() -> Vec<Shown> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Takes down what a test has shown.
pub(super) fn show(shown: Shown) -> Result<(), Trouble> {
    if let Some(folder) = std::env::var_os(RESULTS_VARIABLE) {
        keep(Path::new(&folder), &shown)
            .map_err(|error| ("tool failure", format!("cannot keep what was shown: {error}")))?;
    }
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
    Ok(())
}
