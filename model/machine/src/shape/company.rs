//! Registrations of an adapter's own, which stand beside those of the suite: each is to be called for the same cancel, once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::{found, lock};
use crate::callback::Callback;
use crate::rule::Rule;

/// How often each of the adapter's own callbacks was called.
#[derive(Debug, Default)]
pub(super) struct Company(Mutex<Vec<Arc<AtomicU32>>>);

impl Company {
    /// One more callback.
    pub(super) fn callback(&self) -> Callback {
        let calls = Arc::new(AtomicU32::new(0));
        lock(&self.0).push(Arc::clone(&calls));
        Callback::new(move || {
            calls.fetch_add(1, Ordering::SeqCst);
        })
    }

    /// Whether one of them was called.
    pub(super) fn is_called(&self) -> bool {
        lock(&self.0).iter().any(|calls| calls.load(Ordering::SeqCst) > 0)
    }

    /// Finds fault with calls that are missing, or too many; `who` they were for.
    pub(super) fn judge(&self, is_canceled: bool, who: &str) {
        let expected = u32::from(is_canceled);
        for calls in lock(&self.0).iter().map(|calls| calls.load(Ordering::SeqCst)) {
            let rule = if calls < expected { Rule::NoLostCancel } else { Rule::ExactlyOnce };
            if calls != expected {
                found(rule, &format!("of {who} one was called {calls} times and not {expected}"));
            }
        }
    }
}
