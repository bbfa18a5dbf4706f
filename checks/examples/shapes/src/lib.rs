//! Two types as they are written every day. Neither is a cancelable request, and nothing in them knows of the suite: their
//! primitives come from the `sync` module beside them, which in production is the standard library.

mod sync {
    pub(crate) use std::sync::{Arc, Condvar, Mutex};
}

pub mod oneshot;
pub mod registry;

/// Twins that are broken on purpose.
pub mod broken {
    use super::sync;

    pub mod oneshot;
    pub mod registry;
}
