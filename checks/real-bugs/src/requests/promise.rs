//! A promise with one canceler, of which two bugs are told: one of its revocation, and one of its cancel.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::parts::*;

const NONE: u32 = 0;
const CANCELING: u32 = 1;
const CANCELER: u32 = 2;

/// A promise. If it `WAITS`, revoking waits for a cancel in progress; if it `LEAVES`, a second cancel leaves the first one's mark.
pub(super) struct Promise<R: Runtime, const WAITS: bool, const LEAVES: bool> {
    is_canceled: R::AtomicU8,
    canceler: R::AtomicU32,
    callback: R::Mutex<Option<Callback>>,
    /// The number of the thread that runs the canceler, plus one: a canceler may revoke itself. A thread looks for its own number.
    running: AtomicUsize,
}

impl<R: Runtime, const WAITS: bool, const LEAVES: bool> Promise<R, WAITS, LEAVES> {
    /// Runs the canceler of whoever has put the mark of a cancel in its place.
    fn run(&self) {
        let callback = self.callback.lock().take();
        self.running.store(R::current_number() + 1, Ordering::Relaxed);
        callback.iter().for_each(Callback::invoke);
        self.running.store(0, Ordering::Relaxed);
        drop(callback);
        self.canceler.swap(NONE, AcqRel);
    }
}

impl<R: Runtime, const WAITS: bool, const LEAVES: bool> Slot<R> for Promise<R, WAITS, LEAVES> {
    type Own = ();
    type Told = ();

    fn new() -> Self {
        Promise {
            is_canceled: Atomic::new(0),
            canceler: Atomic::new(NONE),
            callback: Mutex::new(None),
            running: AtomicUsize::new(0),
        }
    }

    fn register(&self, callback: Callback) {
        *self.callback.lock() = Some(callback);
        self.canceler.swap(CANCELER, SeqCst);
        let is_late = self.is_canceled.load(SeqCst) == 1;
        if is_late && self.canceler.compare_exchange(CANCELER, CANCELING, SeqCst, SeqCst).is_ok() {
            self.run();
        }
    }

    fn deregister(&self, (): ()) {
        if self.running.load(Ordering::Relaxed) == R::current_number() + 1 {
            return;
        }
        if WAITS {
            while self.canceler.compare_exchange(CANCELER, NONE, AcqRel, Acquire) == Err(CANCELING) {
                R::yield_now();
            }
        } else {
            while self.canceler.swap(NONE, AcqRel) == CANCELING {}
        }
        let callback = self.callback.lock().take();
        drop(callback);
    }

    fn cancel(&self) {
        self.is_canceled.swap(1, SeqCst);
        match self.canceler.compare_exchange(CANCELER, CANCELING, SeqCst, SeqCst) {
            Ok(_) => self.run(),
            Err(CANCELING) if !LEAVES => {
                self.canceler.swap(CANCELING, AcqRel);
                self.canceler.swap(NONE, AcqRel);
            }
            Err(_) => {}
        }
    }
}
