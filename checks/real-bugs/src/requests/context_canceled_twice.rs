//! A context's cancel looks without a lock whether it was canceled, and two cancels both see that it was not.

use super::parts::*;

/// A context with its children.
pub(super) struct Scope<R: Runtime, const FIXED: bool> {
    is_canceled: R::AtomicU8,
    children: Children<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsToken<R, Scope<R, FIXED>>;

impl<R: Runtime, const FIXED: bool> Token<R> for Scope<R, FIXED> {
    type Registration = ();

    fn new() -> Self {
        Scope { is_canceled: Atomic::new(0), children: Children::new() }
    }

    fn register(&self, callback: Callback) {
        self.children.add(callback);
    }

    fn cancel(&self) -> impl Answer {
        let was_canceled = if FIXED {
            self.is_canceled.swap(1, AcqRel) == 1
        } else {
            self.is_canceled.load(Acquire) == 1 || {
                self.is_canceled.store(1, Release);
                false
            }
        };
        if !was_canceled {
            self.children.call();
        }
    }

    fn is_canceled(&self) -> bool {
        self.is_canceled.load(Acquire) == 1
    }
}
