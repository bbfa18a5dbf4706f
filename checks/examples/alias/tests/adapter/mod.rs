//! The adapter: an operation that is canceled through a source.

use std::sync::Arc;

use cancelproof::model::Callback;
use cancelproof::model::shape::{Answer, Registration};

use super::Platform;
use super::source::CancellationSource;

/// The operation.
pub struct Operation(Arc<CancellationSource>);

impl Registration<Platform> for Operation {
    type Handle = Arc<CancellationSource>;

    fn new() -> Self {
        Operation(Arc::default())
    }

    fn register(&self, callback: Callback) -> Arc<CancellationSource> {
        self.0.register(move || callback.invoke());
        Arc::clone(&self.0)
    }

    fn deregister(source: Arc<CancellationSource>) -> impl Answer {
        source.unregister()
    }

    fn cancel(&self) -> impl Answer {
        self.0.cancel();
    }
}
