//! The steps of the framework, one method each, for faults to override.

use std::sync::Arc;

use super::{
    Armed, Entry, Framework, Id, Irp, Lists, Locked, May, Moved, Purge, Retrieved, calling_back, ending,
    marking, moving, purging, sending,
};
use crate::callback::Callback;
use crate::request::{Cancel, Complete, IsCanceled, Mark, Status, Unmark};
use crate::runtime::Runtime;

/// The steps of the framework. What each does by default is what it should do, and is written where its part of the
/// algorithm is.
pub trait Steps<R: Runtime>: Send + Sync + 'static {
    /// A call of the driver's: see [`Framework::mark`].
    fn mark(&self, framework: &Framework<R>, id: Id, callback: Callback) -> Mark {
        marking::mark(framework, id, callback)
    }

    /// A call of the driver's: see [`Framework::unmark`].
    fn unmark(&self, framework: &Framework<R>, id: Id) -> Unmark {
        marking::unmark(framework, id)
    }

    /// What mark does under the queue lock.
    fn arm(&self, framework: &Framework<R>, lists: &mut Lists<R>, id: Id, callback: Arc<Callback>) -> Armed {
        marking::arm(framework, lists, id, callback)
    }

    /// The armer takes its own routine back from a canceled request.
    fn take_back(&self, irp: &Irp<R>) -> bool {
        irp.take().is_some()
    }

    /// What mark does with a request that it has found canceled: call back, or refuse.
    fn mark_canceled<'a>(&self, framework: &'a Framework<R>, lists: Locked<'a, R>, id: Id) -> Mark {
        marking::mark_canceled(framework, lists, id)
    }

    /// Unmark takes the routine of a marked request back, under the queue lock.
    fn withdraw(&self, _lists: &Lists<R>, irp: &Irp<R>, _id: Id) -> bool {
        irp.take().is_some()
    }

    /// The I/O manager cancels: see [`Framework::cancel`].
    fn cancel(&self, framework: &Framework<R>, id: Id) -> Cancel {
        marking::cancel(framework, id)
    }

    /// A canceler claims; if it does, from which queue.
    fn claim(&self, irp: &Irp<R>) -> Option<usize> {
        irp.take()
    }

    /// Puts a claimed request on the canceled list, under the queue lock.
    fn hand_over(&self, lists: &mut Lists<R>, id: Id) {
        marking::hand_over(lists, id);
    }

    /// Whether the calling thread may call the driver now.
    fn may_call(&self, framework: &Framework<R>, lists: &mut Lists<R>) -> May {
        calling_back::may_call(framework, lists)
    }

    /// The next callback to be made, if one is to be made now.
    fn next_entry(&self, lists: &mut Lists<R>) -> Option<Entry> {
        calling_back::next_entry(lists)
    }

    /// Makes one callback; the queue lock is not held.
    fn call_back(&self, framework: &Framework<R>, entry: Entry) {
        calling_back::call_back(framework, entry);
    }

    /// Gives back the reference that a callback had, when it has returned; whether it was the last.
    fn release_after_call(&self, lists: &mut Lists<R>, id: Id) -> bool {
        ending::release(lists, id)
    }

    /// Makes the callbacks that a thread inside a synchronized callback has left for later.
    fn run_work_item(&self, framework: &Framework<R>) {
        calling_back::dispatch(framework, 0, framework.queue(0));
    }

    /// A call of the driver's: see [`Framework::complete`].
    fn complete(&self, framework: &Framework<R>, id: Id, status: Status) -> Complete {
        ending::complete(framework, id, status)
    }

    /// A call of the driver's: see [`Framework::is_canceled`].
    fn is_canceled(&self, framework: &Framework<R>, id: Id) -> IsCanceled {
        ending::is_canceled(framework, id)
    }

    /// The queue is purged: see [`Framework::purge`].
    fn purge(&self, framework: &Framework<R>, purge: Purge) {
        purging::purge(framework, purge);
    }

    /// Claims every armed request that no canceler has claimed, under the queue lock.
    fn claim_armed(&self, framework: &Framework<R>, lists: &mut Lists<R>) {
        purging::claim_armed(framework, lists);
    }

    /// The queue is opened again: see [`Framework::open`].
    fn open(&self, framework: &Framework<R>) {
        framework.queue(0).is_purged = false;
    }

    /// See [`Framework::release_power`].
    fn release_power(&self, framework: &Framework<R>) {
        let mut lists = framework.queue(0);
        lists.is_power_held = false;
        calling_back::dispatch(framework, 0, lists);
    }

    /// See [`Framework::stop`].
    fn stop(&self, framework: &Framework<R>) {
        purging::stop(framework);
    }

    /// A call of the driver's: see [`Framework::requeue`] and [`Framework::forward`].
    fn move_to(&self, framework: &Framework<R>, id: Id, queue: usize) -> Moved {
        moving::move_to(framework, id, queue)
    }

    /// A call of the driver's: see [`Framework::send_down`].
    fn send_down(&self, framework: &Framework<R>, id: Id) -> Moved {
        sending::send_down(framework, id)
    }

    /// Whether a request that was put into a queue must not stay there, after its routine was published.
    fn must_leave(&self, framework: &Framework<R>, lists: &Lists<R>, id: Id) -> bool {
        lists.is_purged || framework.irp(id).is_bit_set()
    }

    /// A call of the driver's: see [`Framework::retrieve`].
    fn retrieve(&self, framework: &Framework<R>, queue: usize) -> Retrieved {
        moving::retrieve(framework, queue)
    }

    /// Takes a request that waits in the queue away from cancelers, to deliver it.
    fn take_for_delivery(&self, irp: &Irp<R>) -> bool {
        irp.take().is_some()
    }

    /// Ends a request that was canceled in the queue, or has its driver told.
    fn cancel_on_queue<'a>(&self, framework: &'a Framework<R>, lists: Locked<'a, R>, queue: usize, id: Id) {
        moving::cancel_on_queue(framework, lists, queue, id);
    }

    /// See [`Framework::clean_up`].
    fn clean_up(&self, framework: &Framework<R>, ids: &[Id]) {
        moving::clean_up(framework, ids);
    }
}

/// The steps as they should be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl<R: Runtime> Steps<R> for Reference {}
