//! Drivers as what is judged, over a framework that is right: the subject of Static Driver Verifier.
//!
//! Everywhere else a *request* is judged and the driver that uses it is the suite's. Here it is the other way round: requests, their
//! queue and its dispatcher are the reference [`framework`](crate::framework), and the author's are the handlers that it calls: a
//! [`Driver`]. It marks, takes marks back, completes and puts back by the calls of an [`IoRequest`], and is judged by them:
//!
//! | a driver that | breaks |
//! |---|---|
//! | completes what it has marked, or whose callback is still to come | *never-after-completion* |
//! | completes twice | *single-completion* |
//! | marks, asks about or moves what is not its own to (it waits in a queue, it has ended, it is marked) | *no-misuse* |
//! | holds a request that was canceled, and does nothing about it | *no-lost-cancel* |
//! | never completes a request that its device is done with | *request-completed* |
//! | frees what a callback uses | *lifetime*, or *publication* where the two are not ordered |
//! | uses the buffer of a request that it has completed | *never-after-completion*, or *publication* |
//!
//! What is found ends the execution at the driver's call, and the finding has the line of that call and those of the calls before it.
//!
//! # What happens to a driver
//!
//! A program has four steps beside `cancel`: `deliver` has the next request delivered, `work` lets the device be done, `purge` purges
//! the queue, and `stop` stops it for a change of power. A device may interrupt for no reason, so `work` comes at any time. When
//! all threads have ended, the device is done with what is left; but what was canceled has to have ended before, since a
//! device may never be done ([`Driver::ENDS_SOON`] is for those that always are).
//!
//! # Example
//!
//! A driver that keeps the one request which its device works on:
//!
//! ```
//! use std::sync::Arc;
//!
//! use cancelproof_machine::runtime::{Mutex, Runtime};
//! use cancelproof_machine::{Mark, Status, Unmark};
//! use cancelproof_references::driver::{Driver, IoRequest};
//!
//! struct OneAtATime<R: Runtime>(R::Mutex<Option<IoRequest<R>>>);
//!
//! impl<R: Runtime> Driver<R> for OneAtATime<R> {
//!     fn new() -> Self {
//!         OneAtATime(R::Mutex::new(None))
//!     }
//!
//!     fn dispatch(self: &Arc<Self>, request: IoRequest<R>) {
//!         let driver = Arc::downgrade(self);
//!         let mut pending = self.0.lock();
//!         let marked = request.mark_cancelable(move |request| {
//!             if let Some(driver) = driver.upgrade() {
//!                 *driver.0.lock() = None;
//!             }
//!             request.complete(Status::Canceled);
//!         });
//!         if marked == Mark::Marked {
//!             *pending = Some(request);
//!         }
//!     }
//!
//!     fn device_done(self: &Arc<Self>) {
//!         // The lock is held until the mark is taken back: a callback that has begun waits, and finds nothing.
//!         let mut pending = self.0.lock();
//!         let Some(request) = pending.take() else { return };
//!         let taken_back = request.unmark_cancelable();
//!         drop(pending);
//!         if taken_back == Unmark::Unmarked {
//!             request.complete(Status::Success);
//!         }
//!     }
//! }
//! ```

mod adapter;
mod below;
mod memory;
pub mod ordinary;
mod request;

use std::sync::Arc;

use crate::contract::{CancelAnswers, Contract, Delivering};
use crate::request::Status;
use crate::runtime::Runtime;

pub use adapter::AsDriver;
pub use memory::Memory;
pub use request::IoRequest;

/// What a driver is told if it says nothing else: the contract of UMDF 1, whose mark calls back on what has been canceled.
pub const DRIVER: Contract = Contract {
    name: "DRIVER",
    delivering: Delivering::ToADriver,
    cancel_answers: CancelAnswers::Nothing,
    ..Contract::UMDF_1
};

/// A driver: what a framework calls. Handlers may come from several threads at once, unless [`Driver::IS_SYNCHRONIZED`] says
/// otherwise. The documentation of the [module](self) has an example.
pub trait Driver<R: Runtime>: Send + Sync + Sized + 'static {
    /// How many requests the queue delivers before one of them has ended.
    const AT_A_TIME: usize = 1;

    /// Whether the framework holds a lock around handlers and callbacks, so that they exclude each other.
    const IS_SYNCHRONIZED: bool = false;

    /// Whether the driver sends requests to a driver below.
    const SENDS: bool = false;

    /// Whether a purge also cancels what the driver marks before it has ended. A plain purge does not for drivers that were built for a
    /// framework before 1.11.
    const PURGES_LATER_MARKS: bool = true;

    /// Whether the device is always done before long, so that a request need not end by its cancel.
    const ENDS_SOON: bool = false;

    /// A driver whose device is idle.
    fn new() -> Self;

    /// What the calls of requests answer. Of interest is what a mark of a canceled request does: it calls back, or it is refused
    /// ([`MarkAfterCancel`](crate::contract::MarkAfterCancel)) as by `WdfRequestMarkCancelableEx`.
    #[must_use]
    fn contract() -> Contract {
        DRIVER
    }

    /// A request is delivered: `EvtIoDefault`, `OnRead`. A cancel that comes meanwhile calls back when the handler has returned.
    fn dispatch(self: &Arc<Self>, request: IoRequest<R>);

    /// The device is done with what was begun, or interrupts for no reason.
    fn device_done(self: &Arc<Self>) {}

    /// A request was canceled in the queue, into which the driver had put it back: `EvtIoCanceledOnQueue`. By default it is completed.
    fn canceled_on_queue(self: &Arc<Self>, request: IoRequest<R>) {
        request.complete(Status::Canceled);
    }

    /// The queue stops while the driver owns this request: `EvtIoStop`. By default the driver keeps it.
    fn stopped(self: &Arc<Self>, request: IoRequest<R>, is_cancelable: bool) {
        let _ = (request, is_cancelable);
    }

    /// A purge has ended: the driver owns no request, and no callback runs.
    fn purged(self: &Arc<Self>) {}
}
