//! Adapters with the usual mistakes. Each is a suite of its own in `src/bin`; `tests/told.rs` runs them and reads what they
//! say.
//!
//! An adapter here is a correct request, [`Locked`], with one call done differently.

use cancelproof_model::requests::Locked;
use cancelproof_model::{CancelableRequest, Runtime};

/// A correct request.
#[must_use]
pub fn correct<R: Runtime>() -> Locked<R> {
    Locked::new()
}

/// Implements the calls that an adapter hands on as they are.
#[macro_export]
macro_rules! hand_on {
    ($($call:ident),+) => {$($crate::hand_on!(@ $call);)+};
    (@ mark) => {
        fn mark(&self, callback: ::cancelproof_model::Callback) -> ::cancelproof_model::Mark {
            self.0.mark(callback)
        }
    };
    (@ unmark) => {
        fn unmark(&self) -> ::cancelproof_model::Unmark {
            self.0.unmark()
        }
    };
    (@ cancel) => {
        fn cancel(&self) -> ::cancelproof_model::Cancel {
            self.0.cancel()
        }
    };
    (@ complete) => {
        fn complete(&self, status: ::cancelproof_model::Status) -> ::cancelproof_model::Complete {
            self.0.complete(status)
        }
    };
    (@ is_canceled) => {
        fn is_canceled(&self) -> ::cancelproof_model::IsCanceled {
            self.0.is_canceled()
        }
    };
}
