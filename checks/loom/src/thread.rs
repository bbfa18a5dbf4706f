//! See [`std::thread`].

use std::fmt;
use std::io;

use cancelproof::thread::controlled as own;

use crate::local::{self, Found};

pub use own::{Thread, ThreadId, current, panicking, yield_now};

/// The right to wait for a thread.
pub struct JoinHandle<T>(own::JoinHandle<T>);

impl<T> JoinHandle<T> {
    /// Blocks until the thread has ended.
    ///
    /// # Errors
    ///
    /// None: a panic ends the execution.
    #[track_caller]
    pub fn join(self) -> std::thread::Result<T> {
        self.0.join()
    }

    /// The thread.
    pub fn thread(&self) -> &Thread {
        self.0.thread()
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

#[track_caller]
fn start<F, T>(body: F, name: Option<String>) -> JoinHandle<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    let body = move || {
        let value = body();
        local::end_thread();
        value
    };
    // SAFETY: as in loom, whose `spawn` does not ask for `Send` either: all modelled threads are on one thread of the machine.
    JoinHandle(unsafe { own::spawn_unchecked(body, name) })
}

/// Starts a thread.
#[track_caller]
pub fn spawn<F, T>(body: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    start(body, None)
}

/// Blocks until the calling thread's token is available, and takes it.
#[track_caller]
pub fn park() {
    own::park();
}

/// How a thread is started.
#[derive(Debug)]
pub struct Builder {
    name: Option<String>,
}

impl Builder {
    /// A thread without a name.
    #[allow(clippy::new_without_default, reason = "loom's has none")]
    pub fn new() -> Builder {
        Builder { name: None }
    }

    /// Names the thread.
    pub fn name(mut self, name: String) -> Builder {
        self.name = Some(name);
        self
    }

    /// Is ignored.
    pub fn stack_size(self, size: usize) -> Builder {
        let _ = size;
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// None.
    #[track_caller]
    pub fn spawn<F, T>(self, body: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Ok(start(body, self.name))
    }
}

/// A value of which each thread has its own; see [`thread_local!`](crate::thread_local).
pub struct LocalKey<T: 'static> {
    #[doc(hidden)]
    pub init: fn() -> T,
}

/// The thread has destroyed the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessError;

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("already destroyed")
    }
}

impl std::error::Error for AccessError {}

impl<T: 'static> LocalKey<T> {
    /// Gives the closure the value of the calling thread.
    ///
    /// # Panics
    ///
    /// Panics if the thread has destroyed it.
    pub fn with<F, R>(&'static self, access: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        self.try_with(access).expect("cannot access a (mock) TLS value during or after it is destroyed")
    }

    /// Gives the closure the value of the calling thread.
    ///
    /// # Errors
    ///
    /// If the thread has destroyed it.
    pub fn try_with<F, R>(&'static self, access: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        let key = std::ptr::from_ref(self).addr();
        let value = match local::find::<T>(key) {
            Found::Value(value) => value,
            Found::Destroyed => return Err(AccessError),
            Found::Nothing => local::keep(key, (self.init)()),
        };
        Ok(access(&value))
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("LocalKey { .. }")
    }
}
