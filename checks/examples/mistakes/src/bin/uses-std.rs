//! The request runs on std whatever the runtime is: no engine sees anything of it.

use std::marker::PhantomData;

use cancelproof_model::requests::Locked;
use cancelproof_model::{CancelableRequest, Runtime, Std};

struct UsesStd<R: Runtime>(Locked<Std>, PhantomData<R>);

impl<R: Runtime> CancelableRequest<R> for UsesStd<R> {
    fn new() -> Self {
        UsesStd(mistakes::correct(), PhantomData)
    }

    mistakes::hand_on!(mark, unmark, cancel, complete, is_canceled);
}

cancelproof::suite!(UsesStd<_>);
