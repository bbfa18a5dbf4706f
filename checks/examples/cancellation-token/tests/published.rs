//! The crate as it is published, which knows nothing but std: real threads. All other engines are not applicable.

mod adapter;

use adapter::Operation;
use tokio_util::sync::CancellationToken;

mod sync {
    pub(crate) use std::sync::Mutex;
}

type Platform = cancelproof::front_door::runtimes::Std;

cancelproof::suite!(
    Operation on Std,
    samples = 200,
    scenarios = ["marked-cancel", "mark-cancel", "marked-cancel-cancel", "mark-cancel-returns", "marked-cancel-reentrant"],
);
