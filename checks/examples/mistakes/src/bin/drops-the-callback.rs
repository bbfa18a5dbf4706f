//! Mark keeps no callback: the object it was given is dropped at the end of the call.

use cancelproof_model::requests::Locked;
use cancelproof_model::{Callback, CancelableRequest, Mark, Runtime};

struct DropsTheCallback<R: Runtime>(Locked<R>);

impl<R: Runtime> CancelableRequest<R> for DropsTheCallback<R> {
    fn new() -> Self {
        DropsTheCallback(mistakes::correct())
    }

    fn mark(&self, _callback: Callback) -> Mark {
        self.0.mark(Callback::new(|| ()))
    }

    mistakes::hand_on!(unmark, cancel, complete, is_canceled);
}

cancelproof::suite!(DropsTheCallback<_>);
