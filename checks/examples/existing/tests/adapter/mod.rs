//! The adapter: an operation that is canceled by firing its slot.

use std::sync::Arc;

use cancelproof::front_door::runtimes;
use cancelproof::model::Callback;
use cancelproof::model::shape::{Answer, Registration};
use existing::slot::Emptied;

use super::Slot;

#[cfg(loom)]
pub type Platform = runtimes::Loom;
#[cfg(not(loom))]
pub type Platform = runtimes::Std;

/// The operation.
pub struct Operation(Arc<Slot>);

impl Registration<Platform> for Operation {
    type Handle = Arc<Slot>;

    fn new() -> Self {
        Operation(Arc::default())
    }

    fn register(&self, callback: Callback) -> Arc<Slot> {
        self.0.fill(move || callback.invoke());
        Arc::clone(&self.0)
    }

    fn deregister(slot: Arc<Slot>) -> impl Answer {
        matches!(slot.empty(), Emptied::Prevented)
    }

    fn cancel(&self) -> impl Answer {
        self.0.fire();
    }
}
