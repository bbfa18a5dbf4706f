//! The request refuses a mark after a cancel, and its contract says that it calls back.

use cancelproof_model::requests::Locked;
use cancelproof_model::{CancelableRequest, Contract, Runtime};

struct DeclaresAnotherContract<R: Runtime>(Locked<R>);

impl<R: Runtime> CancelableRequest<R> for DeclaresAnotherContract<R> {
    fn new() -> Self {
        DeclaresAnotherContract(Locked::with_contract(Contract::KMDF_EX))
    }

    fn contract() -> Contract {
        Contract::KMDF
    }

    mistakes::hand_on!(mark, unmark, cancel, complete, is_canceled);
}

cancelproof::suite!(DeclaresAnotherContract<_>);
