//! What is expected of a job, and the word for what became of it.

use cancelproof_machine::Rule;

use crate::ledger::Expected;
use crate::verdict::Verdict;

/// What is expected of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// No rule is broken.
    Passes,
    /// This rule is broken.
    Breaks(Rule),
}

impl From<Expectation> for Expected {
    fn from(expectation: Expectation) -> Self {
        match expectation {
            Expectation::Passes => Expected::Passes,
            Expectation::Breaks(rule) => Expected::Breaks(rule),
        }
    }
}

pub(super) struct Word {
    pub(super) text: String,
    /// Whether it is not what was expected, and so must be seen.
    pub(super) is_loud: bool,
}

pub(super) fn word_for(verdict: &Verdict, expectation: Expectation) -> Word {
    let is_expected = match (verdict, expectation) {
        (Verdict::Proved | Verdict::Sampled | Verdict::Bounded(_), Expectation::Passes) => true,
        (Verdict::Refuted { violation, .. }, Expectation::Breaks(rule)) => violation.rule == rule,
        _ => false,
    };
    match (is_expected, verdict) {
        (true, _) => Word { text: verdict.word().to_owned(), is_loud: false },
        (false, Verdict::Refuted { violation, .. }) => {
            Word { text: format!("REFUTED {}", violation.rule), is_loud: true }
        }
        (false, _) => Word { text: verdict.word().to_uppercase(), is_loud: true },
    }
}
