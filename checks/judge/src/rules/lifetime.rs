//! *lifetime*: nothing is used after it was freed, or beside its end, and nothing is freed twice.
//!
//! The engines judge it by happens-before, and say it in words; see `docs/lifetime.md`.

use super::Evidence;
use crate::exploration::FailureKind;

pub(super) fn check(evidence: &Evidence<'_>) -> Option<String> {
    match evidence.failure? {
        kind @ FailureKind::Panic { message } if kind.is_of_lifetime() => Some(message.clone()),
        _ => None,
    }
}
