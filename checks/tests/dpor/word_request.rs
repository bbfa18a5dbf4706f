//! A request whose state is one atomic word, driven by mark, unmark and complete against any number of cancels.
//!
//! The same operations as in the measurements that the engine is held to: a compare-exchange to mark, one to
//! unmark, a swap to complete, a load and a compare-exchange loop to cancel, and a cell for the callback.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::sync::Arc;

use cancelproof::model::runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};

const PENDING: u8 = 0;
const LATCHED: u8 = 1;
const CANCELABLE: u8 = 2;
const CANCELED: u8 = 3;
const COMPLETED: u8 = 4;

/// What the driver and the cancels were told, the driver's answer first.
pub(crate) type Outcome = Vec<&'static str>;

struct WordRequest<R: Runtime> {
    state: R::AtomicU8,
    /// How often the callback that is here has been called.
    callback: R::UnsafeCell<Option<u32>>,
}

// SAFETY: the callback is reached only by the task that has won the transition which hands it over.
unsafe impl<R: Runtime> Sync for WordRequest<R> {}
// SAFETY: as above; what it holds can be sent.
unsafe impl<R: Runtime> Send for WordRequest<R> {}

impl<R: Runtime> WordRequest<R> {
    fn new() -> Self {
        WordRequest { state: Atomic::new(PENDING), callback: UnsafeCell::new(None) }
    }

    fn take_and_call(&self) {
        // SAFETY: see the type.
        let callback = self.callback.with_mut(|callback| unsafe { (*callback).take() });
        assert_eq!(callback, Some(0), "the callback is there, and has not been called");
        let before = self.state.swap(COMPLETED, AcqRel);
        assert_eq!(before, CANCELED, "the callback completes a canceled request");
    }

    fn mark(&self) -> bool {
        // SAFETY: see the type.
        self.callback.with_mut(|callback| unsafe { *callback = Some(0) });
        if self.state.compare_exchange(PENDING, CANCELABLE, AcqRel, Acquire).is_ok() {
            return true;
        }
        self.state.store(CANCELED, Release);
        self.take_and_call();
        false
    }

    fn unmark(&self) -> bool {
        let unmarked = self.state.compare_exchange(CANCELABLE, PENDING, AcqRel, Acquire).is_ok();
        if unmarked {
            // SAFETY: see the type.
            self.callback.with_mut(|callback| unsafe { *callback = None });
        }
        unmarked
    }

    fn complete(&self) -> bool {
        let before = self.state.swap(COMPLETED, AcqRel);
        assert_ne!(before, COMPLETED, "completed once");
        before == LATCHED
    }

    fn cancel(&self) -> &'static str {
        let mut seen = self.state.load(Acquire);
        loop {
            let next = match seen {
                PENDING => LATCHED,
                CANCELABLE => CANCELED,
                _ => return "late",
            };
            match self.state.compare_exchange(seen, next, AcqRel, Acquire) {
                Ok(CANCELABLE) => {
                    self.take_and_call();
                    return "called back";
                }
                Ok(_) => return "latched",
                Err(found) => seen = found,
            }
        }
    }
}

/// One driver against `cancels` tasks that cancel.
pub(crate) fn drive<R: Runtime>(cancels: usize) -> Outcome {
    let request = Arc::new(WordRequest::<R>::new());
    let handles: Vec<_> = (0..cancels)
        .map(|_| {
            let request = Arc::clone(&request);
            R::spawn(move || request.cancel())
        })
        .collect();
    let driver = if !request.mark() {
        "called back at once"
    } else if !request.unmark() {
        "canceled"
    } else if request.complete() {
        "completed, a cancel came too late"
    } else {
        "completed"
    };
    let mut outcome = vec![driver];
    outcome.extend(handles.into_iter().map(JoinHandle::join));
    outcome
}
