//! A notification sees no listener yet and returns at once; the listener that has just come sees no reason yet and waits.

use super::parts::*;

/// An event with one listener at a time.
pub(super) struct Listened<R: Runtime, const FIXED: bool> {
    has_happened: R::AtomicU8,
    listeners: R::AtomicU8,
    waker: R::Mutex<Option<Waker>>,
}

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Listened<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Listened<R, FIXED> {
    /// What stands between the two steps of each side.
    fn fence() {
        if FIXED {
            R::fence(SeqCst);
        }
    }
}

impl<R: Runtime, const FIXED: bool> Polled<R> for Listened<R, FIXED> {
    fn new() -> Self {
        Listened { has_happened: Atomic::new(0), listeners: Atomic::new(0), waker: Mutex::new(None) }
    }

    fn poll(&self, waker: &Waker) -> bool {
        let replaced = self.waker.lock().replace(waker.clone());
        drop(replaced);
        self.listeners.store(1, Relaxed);
        Self::fence();
        self.has_happened.load(Acquire) == 1
    }

    fn leave(&self) {
        let waker = self.waker.lock().take();
        drop(waker);
    }

    fn wake(&self) {
        self.has_happened.store(1, Release);
        Self::fence();
        if self.listeners.load(Relaxed) == 1 {
            let waker = self.waker.lock().take();
            waker.into_iter().for_each(Waker::wake);
        }
    }
}
