//! What the tests of a target have shown, and how each of them passed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Failed;

use super::conformance::{Shown, keep};
use crate::exploration::Bound;
use crate::verdict::Verdict;

/// The variable that names a folder in which each test keeps what it has shown.
pub(super) const RESULTS_VARIABLE: &str = "CANCELPROOF_RESULTS";

/// What the tests of this process have shown.
static SHOWN: Mutex<Vec<Shown>> = Mutex::new(Vec::new());

/// How a check came out: the word that it is known by, or that and what to show.
pub(super) type Outcome = Result<Passed, (&'static str, String)>;

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
pub(super) fn show(shown: Shown) -> Result<(), Failed> {
    if let Some(folder) = std::env::var_os(RESULTS_VARIABLE) {
        keep(Path::new(&folder), &shown)?;
    }
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
    Ok(())
}
