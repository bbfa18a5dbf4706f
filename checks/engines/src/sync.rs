//! `std::sync` by another name, for code that imports its primitives from an alias module.
//!
//! Such code says `use super::sync::{Mutex, atomic::AtomicU8}`, and its crate says `mod sync { pub use std::sync::*; }`
//! beside it. `suite_per_runtime!` of the crate `cancelproof` compiles the same file once beside each of these modules,
//! unchanged. Each offers what its platform can model, under the standard names. The own engines have everything that
//! [`controlled`] lists; that also stands here without the name of a platform, for tests that are of no request.

/// The standard library itself.
pub mod on_std {
    pub use ::std::sync::*;
    pub use ::std::thread::LocalKey;
    pub use ::std::thread_local;
}

/// loom's own, but for the atomics: they tell loom of the loads that it would forget.
#[cfg(feature = "loom-shape")]
pub mod on_loom {
    pub use ::loom::sync::*;
    pub use ::loom::thread::LocalKey;
    pub use ::loom::thread_local;
    pub use ::std::sync::{OnceState, PoisonError, TryLockError};

    use crate::platform::lacking::{self, OfLoom};

    pub use lacking::BarrierWaitResult;
    /// Not modelled.
    pub type Barrier = lacking::Barrier<OfLoom>;
    /// Not modelled.
    pub type Once = lacking::Once<OfLoom>;
    /// Not modelled.
    pub type OnceLock<T> = lacking::OnceLock<T, OfLoom>;
    /// Not modelled.
    pub type LazyLock<T, F = fn() -> T> = lacking::LazyLock<T, F, OfLoom>;

    /// loom's channels; what is bounded is not modelled.
    pub mod mpsc {
        pub use ::loom::sync::mpsc::*;
        pub use ::std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

        pub use crate::platform::lacking::SyncSender;
        pub use crate::platform::lacking::of_loom::sync_channel;
    }

    /// loom's atomics, none of whose loads loom forgets.
    pub mod atomic {
        pub use crate::platform::loom::loads::{
            AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8,
            AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
        };
        pub use ::loom::sync::atomic::{Ordering, fence};
        pub use ::std::sync::atomic::compiler_fence;
    }
}

/// shuttle's own.
#[cfg(feature = "shuttle")]
pub mod on_shuttle {
    pub use ::shuttle::sync::*;
    pub use ::shuttle::thread::LocalKey;
    pub use ::shuttle::thread_local;

    use crate::platform::lacking::{self, OfShuttle};

    /// Not modelled.
    pub type OnceLock<T> = lacking::OnceLock<T, OfShuttle>;
    /// Not modelled.
    pub type LazyLock<T, F = fn() -> T> = lacking::LazyLock<T, F, OfShuttle>;
}

pub mod controlled;

pub use controlled::*;
