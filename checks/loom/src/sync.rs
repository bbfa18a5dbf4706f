//! See [`std::sync`].

mod arc;
mod notify;

pub use arc::Arc;
pub use cancelproof::sync::controlled::{
    Barrier, Condvar, LockResult, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    TryLockResult, WaitTimeoutResult, atomic, mpsc,
};
pub use notify::Notify;
