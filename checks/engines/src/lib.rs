//! Model checkers for concurrent Rust, and what code under test runs on.
//!
//! Each [`engine`] takes a closure, runs it under many schedules, and says in an [`Exploration`](exploration::Exploration)
//! how much it explored and what failed first. It knows nothing of what is under test. Two engines are this crate's own:
//!
//! - [`engine::dpor`]: one execution for each trace of a sequentially consistent machine, with data races by happens-before;
//! - [`engine::rc11`]: every execution of the C11 memory model as repaired in RC11.
//!
//! With the features `loom` and `shuttle`, both on by default, those two are engines and platforms beside them, in the
//! same binary and without a `--cfg`. What each engine claims, and what it does not look at, is its record in
//! [`engine::claims`].
//!
//! # Example
//!
//! Two threads add one each, but one of them does it in two steps:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::Ordering;
//!
//! use cancelproof_engines::engine::dpor;
//! use cancelproof_engines::executor::Controlled;
//! use cancelproof_runtime::{Atomic, JoinHandle, Runtime};
//!
//! let exploration = dpor::explore(&dpor::Options::default(), || {
//!     let count = Arc::new(<Controlled as Runtime>::AtomicU32::new(0));
//!     let other = Arc::clone(&count);
//!     let thread = Controlled::spawn(move || {
//!         let seen = other.load(Ordering::Acquire);
//!         other.store(seen + 1, Ordering::Release);
//!     });
//!     count.fetch_add(1, Ordering::AcqRel);
//!     let _ = thread.join();
//!     assert_eq!(count.load(Ordering::Acquire), 2);
//! });
//! assert!(exploration.failure.is_some(), "an addition between the two steps is lost");
//! ```

// Without loom its platform is made of our own modules, which have its shape, and no engine runs it.
#[cfg(all(feature = "loom-shape", not(feature = "loom")))]
extern crate self as loom;
#[cfg(all(feature = "loom-shape", not(feature = "loom")))]
#[doc(hidden)]
pub use controlled_thread_local as thread_local;

/// In place of loom's function of this name, which nobody calls where no engine runs its platform.
#[cfg(all(feature = "loom-shape", not(feature = "loom")))]
#[doc(hidden)]
pub fn skip_branch() {}

pub mod arena;
pub mod cell;
pub mod engine;
pub mod executor;
pub mod exploration;
#[doc(hidden)]
pub mod heartbeat;
pub mod hint;
pub mod lens;
#[cfg(feature = "litmus")]
pub mod litmus;
pub mod locals;
#[doc(hidden)]
pub mod lock;
pub mod operation;
pub mod outcome;
#[doc(hidden)]
pub mod plain;
pub mod platform;
pub mod recorder;
#[allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "the standard library and loom demand no use of these results, and suites that deny warnings must build"
)]
pub mod sync;
#[allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "the standard library and loom demand no use of these results, and suites that deny warnings must build"
)]
pub mod task;
#[allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "the standard library and loom demand no use of these results, and suites that deny warnings must build"
)]
pub mod thread;
#[allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "the standard library demands no use of these results, and suites that deny warnings must build"
)]
pub mod time;
