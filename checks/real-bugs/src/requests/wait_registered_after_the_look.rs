//! A task looks whether it was canceled and only then registers for the one notification there will be.

use super::parts::*;

/// A cancel with the waker of whoever wants to know.
pub(super) struct Canceled<R: Runtime, const FIXED: bool> {
    is_canceled: R::AtomicU8,
    waker: R::Mutex<Option<Waker>>,
}

pub(super) type Request<R, const FIXED: bool> = AsWaiter<R, Event<R, Canceled<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Polled<R> for Canceled<R, FIXED> {
    fn new() -> Self {
        Canceled { is_canceled: Atomic::new(0), waker: Mutex::new(None) }
    }

    fn poll(&self, waker: &Waker) -> bool {
        if !FIXED && self.is_canceled.load(Acquire) == 1 {
            return true;
        }
        let replaced = self.waker.lock().replace(waker.clone());
        drop(replaced);
        FIXED && self.is_canceled.load(Acquire) == 1
    }

    fn leave(&self) {
        let waker = self.waker.lock().take();
        drop(waker);
    }

    fn wake(&self) {
        self.is_canceled.swap(1, AcqRel);
        let waker = self.waker.lock().take();
        waker.into_iter().for_each(Waker::wake);
    }
}
