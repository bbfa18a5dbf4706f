//! *bounded-steps*: every call ends within a bounded number of steps.
//!
//! Broken when the engine had to cut an execution: a fair cycle, in which every thread took part and the state came
//! back, or a bound on steps; and when a call recurses until its stack is used up.

use super::Evidence;
use crate::exploration::FailureKind;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure? {
        FailureKind::Unbounded { steps, cycle: true } => {
            Some(format!("the same state came back although every thread ran, after {steps} steps"))
        }
        FailureKind::Unbounded { steps, cycle: false } => Some(format!("no end after {steps} steps")),
        FailureKind::StackOverflow { bytes } => Some(format!("a thread used up its stack of {bytes} bytes")),
        _ => None,
    }
}
