//! *single-completion*: at most one completion of a request is accepted, whoever makes it.
//!
//! Specification: I6, V7. Windows rule `DoubleCompletion`; bug check 0x44.

use super::Evidence;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    let threads: Vec<String> = evidence.completions().map(|call| call.thread.to_string()).collect();
    (threads.len() > 1)
        .then(|| format!("{} completions were accepted, by threads {}", threads.len(), threads.join(" and ")))
}
