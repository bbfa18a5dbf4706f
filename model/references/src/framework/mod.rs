//! The framework: queues of requests with a dispatcher, by the algorithm that drivers' frameworks use.
//!
//! # The algorithm
//!
//! Two words of each request decide who wins it ([`Irp`]), and one lock for each queue keeps the lists
//! ([`Lists`]). A thread that wants a request takes the routine out of its slot by exchange: whoever gets it has
//! *claimed* the request, and only one can.
//!
//! - **Mark** publishes the routine and then reads the cancel bit, under the queue lock. If the bit is set it takes the
//!   routine back: if it gets it, the request is *already canceled*; if not, a canceler has claimed it.
//! - **Unmark** takes the routine back, under the queue lock. It is granted exactly if it gets it.
//! - **Cancel** sets the bit and then takes the routine, without a lock. If it gets it, it puts the request on the
//!   canceled list and visits the dispatcher.
//! - **Purge** takes the routine of every armed request, and skips those whose slot is empty: they belong to a canceler.
//!   The cancel bit stays clear. Until the queue is opened again every mark finds itself already canceled.
//! - **The dispatcher** alone calls the driver back, in the order of the canceled list, and holds no lock while it does
//!   but the driver's own *presentation lock*, where the driver has asked for one. A thread that visits while another
//!   is dispatching goes on at once; one that is inside a synchronized callback already leaves the callbacks for
//!   when it comes out; while the driver is being told of a change of power they are held back.
//!
//! Completion touches neither the slot nor the lists: to clear them first is the driver's duty, by unmarking or by
//! leaving completion to the callback. As elsewhere in this suite the duty is checked: misuse is refused.
//!
//! # Who owns what
//!
//! The framework holds one reference on a request from delivery to completion, and another one from a mark until it
//! is withdrawn or the callback has returned, so that a request outlives the callback that completes it. Callback
//! objects are held for the same time.
//!
//! # Faults
//!
//! Each step is a method of [`Steps`]. The [reference](Reference) uses them all as they are, and a fault overrides one.
//!
//! # Source
//!
//! Sections 2.2 to 2.6 of the request cancellation specification; the names of lists and flags are those of its
//! section 2.1. Grades: what is said there of KMDF and UMDF 2 was read in the published source. That UMDF 1 does the
//! same is inference.

mod calling_back;
mod ending;
mod irp;
mod lists;
mod marking;
mod moving;
mod purging;
mod sending;
mod steps;
pub mod target;

use std::sync::Arc;

use crate::callback::Callback;
use crate::contract::Contract;
use crate::machine::Misuse;
use crate::request::{Cancel, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::{Atomic, Mutex, MutexGuard, Runtime};
use core::sync::atomic::Ordering::Relaxed;

pub use calling_back::{Entry, May, dispatch, run_dispatcher};
pub use ending::{Settled, finish, note_completion, release};
pub use irp::{Irp, NONE};
pub use lists::{Id, Lists, Place, Record};
pub use marking::{Armed, arm, disarm, hand_over, mark_canceled};
pub use moving::{Moved, Retrieved, put_back};
pub use purging::{Purge, claim_armed};
pub use sending::hand_down;
pub use steps::{Reference, Steps};

/// The guard of a queue's lock.
pub type Locked<'a, R> = MutexGuard<'a, R, Lists<R>>;

/// What the driver and the I/O manager are told, beside the cancel callback that each mark brings along. No lock of
/// the framework's is held meanwhile, but the presentation lock where it says so.
pub trait Driver: Send + Sync {
    /// A request was canceled while it waited in the queue, after it had been delivered once. Synchronized.
    fn on_canceled_on_queue(&self, _id: Id) {}
    /// The queue stops: the driver is to finish the request or to put it back. Synchronized.
    fn on_stop(&self, _id: Id, _is_cancelable: bool) {}
    /// The purge that the driver waits for has ended: it owns no request of the queue any more, and no callback of the queue
    /// runs. Told by the dispatcher, if there is one.
    fn on_purged(&self) {}
    /// A request has ended. To be passed on to the application.
    fn on_completed(&self, _id: Id, _status: Status) {}
    /// The last reference of the framework's on a request is gone.
    fn on_destroyed(&self, _id: Id) {}
}

impl Driver for () {}

/// How a framework is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// The contract that calls keep.
    pub contract: Contract,
    /// How many queues there are; all requests begin in the first.
    pub queues: usize,
    /// Whether callbacks of the driver's exclude each other.
    pub is_synchronized: bool,
    /// Whether the driver wants to know when a request that it has seen is canceled in the queue.
    pub tells_on_queue: bool,
}

/// Requests on their queues.
pub struct Framework<R: Runtime> {
    irps: Vec<Irp<R>>,
    /// With which queue each request is, for its driver; empty if there is only one. Cancelers find it in the slot.
    homes: Vec<R::AtomicUsize>,
    queues: Vec<R::Mutex<Lists<R>>>,
    presentation: Option<R::Mutex<()>>,
    settings: Settings,
    driver: Arc<dyn Driver>,
    steps: Box<dyn Steps<R>>,
}

impl<R: Runtime> Framework<R> {
    /// A framework with these requests in its first queue.
    #[must_use]
    #[track_caller]
    pub fn new(
        settings: Settings,
        records: Vec<Record>,
        driver: Arc<dyn Driver>,
        steps: Box<dyn Steps<R>>,
    ) -> Self {
        let count = records.len();
        let irps: Vec<Irp<R>> = (0..count).map(|_| Irp::new()).collect();
        for (irp, record) in irps.iter().zip(&records) {
            if record.place == Place::Queued {
                irp.publish(0);
            }
        }
        let homes = if settings.queues > 1 { count } else { 0 };
        let empty = || (0..count).map(|_| None).collect();
        let first = records.into_iter().map(Some).collect();
        let lists = std::iter::once(first).chain((1..settings.queues).map(|_| empty()));
        Framework {
            irps,
            homes: (0..homes).map(|_| R::AtomicUsize::new(0)).collect(),
            queues: lists.map(|records| R::Mutex::new(Lists::new(records))).collect(),
            presentation: settings.is_synchronized.then(|| R::Mutex::new(())),
            settings,
            driver,
            steps,
        }
    }

    /// The driver marks a request cancelable.
    pub fn mark(&self, id: Id, callback: Callback) -> Mark {
        self.steps.mark(self, id, callback)
    }

    /// The driver takes the mark back.
    pub fn unmark(&self, id: Id) -> Unmark {
        self.steps.unmark(self, id)
    }

    /// The I/O manager cancels a request: for an application, or for a driver above.
    pub fn cancel(&self, id: Id) -> Cancel {
        self.steps.cancel(self, id)
    }

    /// The driver completes a request.
    pub fn complete(&self, id: Id, status: Status) -> Complete {
        self.steps.complete(self, id, status)
    }

    /// The driver asks whether a request is canceled.
    pub fn is_canceled(&self, id: Id) -> IsCanceled {
        self.steps.is_canceled(self, id)
    }

    /// The queue is purged: what waits in it is canceled, what is marked is claimed, and what the driver owns
    /// unmarked is claimed as soon as it is marked.
    pub fn purge(&self, purge: Purge) {
        self.steps.purge(self, purge);
    }

    /// The queue is opened again after a purge.
    pub fn open(&self) {
        self.steps.open(self);
    }

    /// The driver is about to be told of a change of power: no callbacks meanwhile.
    pub fn hold_power(&self) {
        self.lists(0).is_power_held = true;
    }

    /// The driver has been told of it: callbacks that were held back are made.
    pub fn release_power(&self) {
        self.steps.release_power(self);
    }

    /// The queue stops for a change of power: the driver is told of each request that it owns, unless that has been
    /// canceled, and callbacks are held back until it has been told.
    pub fn stop(&self) {
        self.steps.stop(self);
    }

    /// The driver puts a request back into its queue.
    pub fn requeue(&self, id: Id) -> Moved {
        self.steps.move_to(self, id, self.home(id))
    }

    /// The driver puts a request into another queue.
    pub fn forward(&self, id: Id, queue: usize) -> Moved {
        self.steps.move_to(self, id, queue)
    }

    /// The driver sends a request that it owns to the driver below, which will end it.
    pub fn send_down(&self, id: Id) -> Moved {
        self.steps.send_down(self, id)
    }

    /// The driver below ends a request that was sent down with success, unless it is being canceled.
    pub fn end_down(&self, id: Id) {
        sending::end_down(self, id);
    }

    /// The driver takes the next request out of a queue.
    pub fn retrieve(&self, queue: usize) -> Retrieved {
        self.steps.retrieve(self, queue)
    }

    /// The file object of some requests is closed: those that wait in a queue are canceled, the others are the
    /// driver's business.
    pub fn clean_up(&self, ids: &[Id]) {
        self.steps.clean_up(self, ids);
    }

    /// Runs a handler of the first queue: on its dispatcher, and inside the presentation lock if there is one.
    pub fn handle<T>(&self, handler: impl FnOnce() -> T) -> T {
        self.lists(0).dispatchers += 1;
        let result = self.call_driver(handler);
        let lists = self.lists(0);
        run_dispatcher(self, 0, lists);
        result
    }

    /// Runs another callback of the driver's that excludes the callbacks of its queues: of a file, a timer, a second
    /// queue.
    pub fn synchronize<T>(&self, callback: impl FnOnce() -> T) -> T {
        let guard = self.presentation.as_ref().map(|presentation| presentation.lock());
        self.lists(0).synchronized = Some(R::current());
        let result = callback();
        let mut lists = self.lists(0);
        lists.synchronized = None;
        let is_deferred = std::mem::take(&mut lists.is_deferred);
        drop(lists);
        drop(guard);
        if is_deferred {
            self.steps.run_work_item(self);
        }
        result
    }

    /// Delivers what is still to be delivered, when all threads have ended.
    pub fn settle(&self) {
        for queue in 0..self.queues.len() {
            dispatch(self, queue, self.queue(queue));
        }
    }

    /// The packet of a request.
    #[must_use]
    pub fn irp(&self, id: Id) -> &Irp<R> {
        &self.irps[id]
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &dyn Steps<R> {
        &*self.steps
    }

    /// What the driver is told through.
    #[must_use]
    pub fn driver(&self) -> &dyn Driver {
        &*self.driver
    }

    /// How it is set up.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes the lock of the queue that a request is with.
    pub fn lists(&self, id: Id) -> Locked<'_, R> {
        self.queue(self.home(id))
    }

    /// Takes the lock of a queue.
    pub fn queue(&self, queue: usize) -> Locked<'_, R> {
        self.queues[queue].lock()
    }

    /// With which queue a request is, as its driver knows.
    #[must_use]
    pub fn home(&self, id: Id) -> usize {
        self.homes.get(id).map_or(0, |home| home.load(Relaxed))
    }

    fn set_home(&self, id: Id, queue: usize) {
        if let Some(home) = self.homes.get(id) {
            home.swap(queue, Relaxed);
        }
    }

    /// Calls the driver inside the presentation lock, if there is one.
    pub fn call_driver<T>(&self, call: impl FnOnce() -> T) -> T {
        let _guard = self.presentation.as_ref().map(|presentation| presentation.lock());
        call()
    }

    /// Which misuse a mark, or a question, on a marked request is: one that nobody has claimed is on the list with a
    /// routine in its slot.
    fn is_claimed(&self, lists: &Lists<R>, id: Id) -> bool {
        !lists.armed.contains(&id) || self.irp(id).is_empty()
    }

    fn why_marked(&self, lists: &Lists<R>, id: Id, unclaimed: Misuse, claimed: Misuse) -> Misuse {
        if self.is_claimed(lists, id) { claimed } else { unclaimed }
    }
}

impl<R: Runtime> core::fmt::Debug for Framework<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Framework").field("settings", &self.settings).finish_non_exhaustive()
    }
}
