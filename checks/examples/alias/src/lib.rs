//! A cancellation source as many crates write it: its primitives come from the `sync` module beside it, which in production
//! is the standard library. Nothing in [`source`] knows of the suite.

mod sync {
    pub(crate) use std::sync::Mutex;
}

pub mod broken;
pub mod source;
