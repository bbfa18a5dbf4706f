//! The executor of this suite, in the shape of `std::sync`.
//!
//! Objects have constant constructors and stand in statics, as the standard library's do; they are numbered where an
//! execution first uses them.

pub mod atomic;
mod barrier;
mod count;
mod lock;
pub mod mpsc;
mod once;
mod poison;
mod rwlock;

pub use crate::controlled_thread_local as thread_local;
pub use crate::executor::{ControlledArc as Arc, ControlledLocalKey as LocalKey, ControlledWeak as Weak};
pub use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

pub use barrier::{Barrier, BarrierWaitResult};
pub use count::Count;
pub use lock::{Condvar, Mutex, MutexGuard, WaitTimeoutResult};
pub use once::{LazyLock, Once, OnceLock, OnceState};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
