//! Futures that are run to their end, and the waker that several threads use.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Mutex;
use crate::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    #[track_caller]
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    #[track_caller]
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks until the future is done.
#[track_caller]
pub fn block_on<F>(future: F) -> F::Output
where
    F: Future,
{
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

/// A waker that one thread registers and any wakes.
#[derive(Debug, Default)]
pub struct AtomicWaker(Mutex<Option<Waker>>);

impl AtomicWaker {
    /// Nobody is registered.
    pub fn new() -> AtomicWaker {
        AtomicWaker::default()
    }

    /// Registers a waker instead of the last one; if somebody wakes now it is woken at once.
    ///
    /// # Panics
    ///
    /// Panics if a thread panicked here before.
    #[track_caller]
    pub fn register(&self, waker: Waker) {
        let Ok(mut registered) = self.0.try_lock() else {
            waker.wake();
            thread::yield_now();
            return;
        };
        *registered = Some(waker);
    }

    /// As [`AtomicWaker::register`].
    #[track_caller]
    pub fn register_by_ref(&self, waker: &Waker) {
        self.register(waker.clone());
    }

    /// Wakes the registered waker, and forgets it.
    #[track_caller]
    pub fn wake(&self) {
        if let Some(waker) = self.take_waker() {
            waker.wake();
        }
    }

    /// Takes the registered waker.
    ///
    /// # Panics
    ///
    /// Panics if a thread panicked here before.
    #[track_caller]
    pub fn take_waker(&self) -> Option<Waker> {
        self.0.lock().unwrap().take()
    }
}
