//! The ordinary driver: it holds one request at a time, and is right. Each step is a method, for faults to override.

use std::sync::Arc;

use super::{Driver, IoRequest, Memory};
use crate::contract::Contract;
use crate::request::{Status, Unmark};
use crate::runtime::{Condvar, Mutex, Runtime};

/// A driver of which every handler is a step.
pub struct Ordinary<R: Runtime, S> {
    /// The request that the device works on.
    pub pending: R::Mutex<Option<Pending<R>>>,
    /// An event that the driver waits for, where it sends requests on: whether it is set.
    pub event: Option<(R::Mutex<bool>, R::Condvar)>,
    steps: std::marker::PhantomData<fn() -> S>,
}

/// A request that the device works on.
pub struct Pending<R: Runtime> {
    /// The request.
    pub request: IoRequest<R>,
    /// What its callback uses.
    pub context: Arc<Memory<R>>,
}

/// The handlers of [`Ordinary`]. What each does by default is right.
pub trait Steps: Sized + Send + Sync + 'static {
    /// Whether requests are sent on.
    const SENDS: bool = false;

    /// What the calls of requests answer.
    #[must_use]
    fn contract() -> Contract {
        super::DRIVER
    }

    /// A request is delivered: it is marked and noted under the driver's lock, so that nobody finds it unmarked.
    fn dispatch<R: Runtime>(driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        let context = Arc::new(Memory::new());
        let mut pending = driver.pending.lock();
        mark(driver, &request, &context);
        *pending = Some(Pending { request, context });
    }

    /// The device is done: the mark is taken back under the driver's lock, for which the callback waits.
    fn device_done<R: Runtime>(driver: &Arc<Ordinary<R, Self>>) {
        let mut slot = driver.pending.lock();
        let Some(Pending { request, context }) = slot.take() else { return };
        let answer = request.unmark_cancelable();
        drop(slot);
        if answer == Unmark::Unmarked {
            context.free();
            request.complete(Status::Success);
        }
    }

    /// The request was canceled: it is the callback's to complete.
    fn canceled<R: Runtime>(driver: &Ordinary<R, Self>, request: &IoRequest<R>, context: &Memory<R>) {
        let pending = driver.pending.lock().take();
        drop(pending);
        context.touch();
        context.free();
        request.complete(Status::Canceled);
    }
}

/// Marks a request, so that its callback takes the step of its name.
pub fn mark<R: Runtime, S: Steps>(
    driver: &Arc<Ordinary<R, S>>,
    request: &IoRequest<R>,
    context: &Arc<Memory<R>>,
) {
    let (driver, context) = (Arc::downgrade(driver), Arc::clone(context));
    // What a mark answers here is told by its callback as well.
    let _ = request.mark_cancelable(move |request| {
        if let Some(driver) = driver.upgrade() {
            S::canceled(&driver, &request, &context);
        }
    });
}

/// The steps as they are.
#[derive(Debug)]
pub struct Reference;

impl Steps for Reference {}

impl<R: Runtime, S: Steps> Driver<R> for Ordinary<R, S> {
    const SENDS: bool = S::SENDS;

    fn new() -> Self {
        Ordinary {
            pending: R::Mutex::new(None),
            event: S::SENDS.then(|| (R::Mutex::new(false), R::Condvar::new())),
            steps: std::marker::PhantomData,
        }
    }

    fn contract() -> Contract {
        S::contract()
    }

    fn dispatch(self: &Arc<Self>, request: IoRequest<R>) {
        S::dispatch(self, request);
    }

    fn device_done(self: &Arc<Self>) {
        S::device_done(self);
    }
}
