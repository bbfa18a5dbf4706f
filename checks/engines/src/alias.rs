//! The alias modules, by platform: what code under test imports from, each with what the standard library has under the same names.
//!
//! `alias::on_loom::sync::Mutex` is the same as [`sync::on_loom::Mutex`](crate::sync::on_loom::Mutex). `suite_per_runtime!` of the crate
//! `cancelproof` puts one of these beside the code, as the module `alias`.

/// The standard library itself.
pub mod on_std {
    pub use crate::cell::on_std as cell;
    pub use crate::hint::on_std as hint;
    pub use crate::sync::on_std as sync;
    pub use crate::task::on_std as task;
    pub use crate::thread::on_std as thread;
    pub use crate::time::on_std as time;
}

/// loom's.
#[cfg(feature = "loom-shape")]
pub mod on_loom {
    pub use crate::cell::on_loom as cell;
    pub use crate::hint::on_loom as hint;
    pub use crate::sync::on_loom as sync;
    pub use crate::task::on_loom as task;
    pub use crate::thread::on_loom as thread;
    pub use crate::time::on_loom as time;
}

/// shuttle's.
#[cfg(feature = "shuttle")]
pub mod on_shuttle {
    pub use crate::cell::on_shuttle as cell;
    pub use crate::hint::on_shuttle as hint;
    pub use crate::sync::on_shuttle as sync;
    pub use crate::task::on_shuttle as task;
    pub use crate::thread::on_shuttle as thread;
    pub use crate::time::on_shuttle as time;
}

/// Of the own engines.
pub mod controlled {
    pub use crate::cell::controlled as cell;
    pub use crate::hint::controlled as hint;
    pub use crate::sync::controlled as sync;
    pub use crate::task::controlled as task;
    pub use crate::thread::controlled as thread;
    pub use crate::time::controlled as time;
}
