//! *no-deadlock*: no thread waits for ever.
//!
//! A thread that waits inside a callback for the request that called it is the business of
//! [reentrant-callback](super::reentrant_callback). Specification: I12, I14, R16.

use super::{Evidence, reentrant_callback};
use crate::exploration::FailureKind;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    let FailureKind::Deadlock { blocked } = evidence.failure? else { return None };
    if reentrant_callback::is_stuck_inside(evidence) {
        return None;
    }
    Some(format!("nothing can go on: {}", blocked.join(", ")))
}
