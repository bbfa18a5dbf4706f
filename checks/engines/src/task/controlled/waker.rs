//! A waker whose life is a series of operations.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{RawWaker, RawWakerVTable, Waker};

use crate::executor::controlled::raw::At;
use crate::executor::waits_for_wake;
use crate::sync::controlled::Count;
use crate::sync::controlled::atomic::AtomicBool;
use crate::thread::controlled as thread;

/// What a waker does, and how many of it there are.
struct Shared<W> {
    count: Count,
    wake: W,
}

/// What can be woken.
pub(super) trait Wakes: Send + Sync + 'static {
    /// Somebody wakes.
    fn wake(&self);
}

/// A waker that does this.
pub(super) fn waker<W: Wakes>(wake: W) -> Waker {
    let shared = Arc::new(Shared { count: Count::new(), wake });
    // SAFETY: the functions of the table take what `raw` makes of an owner.
    unsafe { Waker::from_raw(raw(shared)) }
}

fn raw<W: Wakes>(shared: Arc<Shared<W>>) -> RawWaker {
    RawWaker::new(Arc::into_raw(shared).cast(), Table::<W>::FUNCTIONS)
}

struct Table<W>(W);

impl<W: Wakes> Table<W> {
    const FUNCTIONS: &'static RawWakerVTable =
        &RawWakerVTable::new(Self::clone, Self::wake, Self::wake_by_ref, Self::drop);

    /// The owner that a waker is.
    ///
    /// # Safety
    ///
    /// The pointer is one that `raw` has made of an owner, and nobody else takes it back.
    unsafe fn owner(data: *const ()) -> Arc<Shared<W>> {
        // SAFETY: as above.
        unsafe { Arc::from_raw(data.cast()) }
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: the waker that is cloned stays an owner.
        let shared = ManuallyDrop::new(unsafe { Self::owner(data) });
        shared.count.take();
        raw(Arc::clone(&shared))
    }

    unsafe fn wake(data: *const ()) {
        // SAFETY: the waker is gone with this call.
        let shared = unsafe { Self::owner(data) };
        shared.wake.wake();
        shared.count.give_back();
    }

    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: the waker stays an owner.
        let shared = ManuallyDrop::new(unsafe { Self::owner(data) });
        shared.wake.wake();
    }

    unsafe fn drop(data: *const ()) {
        // SAFETY: the waker is gone with this call.
        let shared = unsafe { Self::owner(data) };
        shared.count.give_back();
    }
}

/// Whether a thread was woken, and the thread.
#[derive(Clone)]
pub(super) struct Signal(Arc<(AtomicBool, thread::Thread)>);

impl Signal {
    pub(super) fn of_this_thread() -> Self {
        Signal(Arc::new((AtomicBool::new(false), thread::current())))
    }

    pub(super) fn waker(&self) -> Waker {
        waker(self.clone())
    }

    /// Blocks until somebody has woken since the last wait. A token that the future's own code has taken is not missed.
    pub(super) fn wait(&self, at: At) {
        waits_for_wake(at);
        while !self.0.0.swap(false, Ordering::Acquire) {
            thread::park_at(at);
        }
    }
}

impl Wakes for Signal {
    fn wake(&self) {
        self.0.0.store(true, Ordering::Release);
        self.0.1.unpark();
    }
}
