//! A static counter decides whether cancel asks once more: no two executions are alike.

use std::sync::atomic::{AtomicU32, Ordering};

use cancelproof_model::requests::Locked;
use cancelproof_model::{Cancel, CancelableRequest, Runtime};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct SharesAStatic<R: Runtime>(Locked<R>);

impl<R: Runtime> CancelableRequest<R> for SharesAStatic<R> {
    fn new() -> Self {
        SharesAStatic(mistakes::correct())
    }

    fn cancel(&self) -> Cancel {
        if CALLS.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
            let _ = self.0.is_canceled();
        }
        self.0.cancel()
    }

    mistakes::hand_on!(mark, unmark, complete, is_canceled);
}

cancelproof::suite!(SharesAStatic<_>);
