//! The request is not generic over the runtime, and the macro says that it is.

use cancelproof::model::*;

struct Adapter(u8);

impl<R: Runtime> CancelableRequest<R> for Adapter {
    fn new() -> Self {
        todo!()
    }
    fn mark(&self, _callback: Callback) -> Mark {
        todo!()
    }
    fn unmark(&self) -> Unmark {
        todo!()
    }
    fn cancel(&self) -> Cancel {
        todo!()
    }
    fn complete(&self, _status: Status) -> Complete {
        todo!()
    }
    fn is_canceled(&self) -> IsCanceled {
        todo!()
    }
}

cancelproof::suite!(Adapter<_>);
