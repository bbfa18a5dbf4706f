//! Cancel holds a lock of std while it calls back, and unmark takes it: the engine's own thread blocks on it.

use std::sync::{Mutex, PoisonError};

use cancelproof_model::requests::Locked;
use cancelproof_model::{Cancel, CancelableRequest, Runtime, Unmark};

struct Blocks<R: Runtime>(Locked<R>, Mutex<()>);

impl<R: Runtime> CancelableRequest<R> for Blocks<R> {
    fn new() -> Self {
        Blocks(mistakes::correct(), Mutex::new(()))
    }

    fn cancel(&self) -> Cancel {
        let _guard = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.cancel()
    }

    fn unmark(&self) -> Unmark {
        let _guard = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.unmark()
    }

    mistakes::hand_on!(mark, complete, is_canceled);
}

cancelproof::suite!(Blocks<_>);
