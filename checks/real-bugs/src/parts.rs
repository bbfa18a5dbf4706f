//! What kernels are made of: memory that knows whether it is alive, locks that are held by hand, wake-ups that are counted.
//!
//! Everything that is counted at the end of an execution lies outside the runtime, so that counting adds no execution; what
//! threads tell each other by goes through it.

mod block;
mod lock;
mod monitor;
mod threads;
mod wake;

pub use block::{Block, Plain};
pub use lock::Lock;
pub use monitor::Monitor;
pub use threads::{three, two};
pub use wake::{Once, Signal, Tally};

pub use cancelproof_runtime::{Atomic, Condvar, JoinHandle, Mutex, MutexGuard, Runtime, Thread, UnsafeCell};
pub use std::sync::Arc;
pub use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

pub use crate::bug::{Bug, Class, Language, Needs, Rule, Seen};
