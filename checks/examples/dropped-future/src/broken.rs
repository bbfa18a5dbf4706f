//! The twin that is broken: the drop says that the operation is abandoned only after it has looked for a handler.

use std::sync::Arc;

use cancelproof_model::runtime::{Mutex, Runtime};

use super::{Outcome, Pending, Shared};

/// A [`Pending`] whose drop is wrong.
pub struct BrokenPending<R: Runtime>(Arc<Shared<R>>);

impl<R: Runtime> From<Pending<R>> for BrokenPending<R> {
    fn from(right: Pending<R>) -> Self {
        let shared = Arc::clone(&right.0);
        std::mem::forget(right);
        BrokenPending(shared)
    }
}

impl<R: Runtime> Drop for BrokenPending<R> {
    fn drop(&mut self) {
        let handler = self.0.0.lock().handler.take();
        // A handler that is installed here is never called.
        self.0.0.lock().outcome = Outcome::Abandoned;
        if let Some(handler) = handler {
            handler();
        }
    }
}
