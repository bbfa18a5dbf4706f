//! Cells by another name, for code that imports them from an alias module; see [`crate::sync`].
//!
//! `UnsafeCell` is in loom's closure style wherever an engine can see accesses. What stands here without the name of a
//! platform is of the own engines.

pub mod controlled;

pub use controlled::*;

/// The standard library's cells; `UnsafeCell` in loom's style, at no cost.
pub mod std {
    pub use ::std::cell::{Cell, RefCell};
    pub use cancelproof_runtime::StdUnsafeCell as UnsafeCell;
}

/// loom's own.
#[cfg(feature = "loom-shape")]
pub mod loom {
    pub use ::loom::cell::{Cell, UnsafeCell};
}

/// shuttle sees no accesses to cells: these are the standard library's, in loom's style.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use crate::platform::ShuttleUnsafeCell as UnsafeCell;
    pub use ::std::cell::{Cell, RefCell};
}
