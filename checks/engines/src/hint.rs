//! Hints by another name, for code that imports them from an alias module; see [`crate::sync`].

pub use controlled::*;

/// The standard library itself.
pub mod std {
    pub use ::std::hint::{black_box, spin_loop};
}

/// loom's own.
#[cfg(feature = "loom-shape")]
pub mod loom {
    pub use ::loom::hint::spin_loop;
    pub use ::std::hint::black_box;
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod shuttle {
    pub use ::shuttle::hint::spin_loop;
    pub use ::std::hint::black_box;
}

/// Of the own engines.
pub mod controlled {
    pub use ::std::hint::black_box;

    use cancelproof_runtime::Runtime;

    use crate::executor::Controlled;

    /// Lets other threads run: a loop that waits for another thread must call this, or yield, on every turn.
    #[track_caller]
    pub fn spin_loop() {
        Controlled::yield_now();
    }
}
