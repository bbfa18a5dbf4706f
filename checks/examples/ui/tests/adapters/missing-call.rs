//! A call is left out.

use cancelproof::model::*;

struct Adapter<R: Runtime>(R::Mutex<u8>);

impl<R: Runtime> CancelableRequest<R> for Adapter<R> {
    fn new() -> Self {
        todo!()
    }
    fn mark(&self, _callback: Callback) -> Mark {
        todo!()
    }
    fn unmark(&self) -> Unmark {
        todo!()
    }
    fn complete(&self, _status: Status) -> Complete {
        todo!()
    }
}

cancelproof::suite!(Adapter<_>);
