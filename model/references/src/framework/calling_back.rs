//! The dispatcher: the one who calls the driver back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::{Framework, Id, Lists, Locked, Settled, note_completion};
use crate::callback::Callback;
use crate::runtime::{Runtime, Thread};

/// A callback that is to be made.
#[derive(Debug)]
pub enum Entry {
    /// The cancel callback of a request.
    Cancel(Id, Option<Arc<Callback>>),
    /// The driver is told that a request was canceled in the queue.
    CanceledOnQueue(Id),
}

/// Whether a thread may call the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum May {
    /// It may: it becomes the dispatcher.
    Now,
    /// Somebody else will: the dispatcher that there is, or whoever ends the change of power.
    SomebodyElse,
    /// It is inside a synchronized callback itself: when it has come out.
    Later,
}

/// Visits the dispatcher: makes the callbacks that are to be made, unless that is somebody else's business.
pub fn dispatch<'a, R: Runtime>(framework: &'a Framework<R>, queue: usize, mut lists: Locked<'a, R>) {
    if !lists.has_callbacks() {
        return;
    }
    match framework.steps().may_call(framework, &mut lists) {
        May::SomebodyElse => {}
        May::Later => lists.is_deferred = true,
        May::Now => {
            lists.dispatchers += 1;
            run_dispatcher(framework, queue, lists);
        }
    }
}

pub(super) fn may_call<R: Runtime>(_framework: &Framework<R>, lists: &mut Lists<R>) -> May {
    if lists.dispatchers > 0 || lists.is_power_held {
        return May::SomebodyElse;
    }
    match &lists.synchronized {
        Some(thread) if thread.is_same(&R::current()) => May::Later,
        _ => May::Now,
    }
}

/// The event loop of a thread that has become a dispatcher. A panic of a callback goes on when the loop has ended: the
/// other callbacks are owed all the same.
pub fn run_dispatcher<'a, R: Runtime>(framework: &'a Framework<R>, queue: usize, mut lists: Locked<'a, R>) {
    let mut panic: Option<Box<dyn Any + Send>> = None;
    while let Some(entry) = framework.steps().next_entry(&mut lists) {
        drop(lists);
        let id = match entry {
            Entry::Cancel(id, _) => Some(id),
            Entry::CanceledOnQueue(_) => None,
        };
        match catch_unwind(AssertUnwindSafe(|| framework.steps().call_back(framework, entry))) {
            Ok(()) => {}
            Err(payload) if R::ends_execution(&*payload) => resume_unwind(payload),
            Err(payload) => panic = Some(payload),
        }
        lists = framework.queue(queue);
        if let Some(id) = id {
            let is_last = framework.steps().release_after_call(&mut lists, id);
            if is_last {
                drop(lists);
                note_completion(
                    framework,
                    id,
                    Settled { completed: None, is_destroyed: true, is_purged: false },
                );
                lists = framework.queue(queue);
            }
        }
    }
    lists.dispatchers -= 1;
    let is_purged = lists.end_purge();
    drop(lists);
    if is_purged {
        framework.driver().on_purged();
    }
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
}

pub(super) fn next_entry<R: Runtime>(lists: &mut Lists<R>) -> Option<Entry> {
    if lists.is_power_held {
        return None;
    }
    if let Some(id) = lists.canceled.pop_front() {
        let record = lists.record(id);
        record.is_notified = true;
        // Read and cleared: whatever happens now, nobody else finds it.
        return Some(Entry::Cancel(id, record.callback.take()));
    }
    lists.canceled_on_queue.pop_front().map(Entry::CanceledOnQueue)
}

pub(super) fn call_back<R: Runtime>(framework: &Framework<R>, entry: Entry) {
    match entry {
        Entry::CanceledOnQueue(id) => framework.call_driver(|| framework.driver().on_canceled_on_queue(id)),
        Entry::Cancel(_, None) => {}
        Entry::Cancel(_, Some(callback)) => {
            let target = callback.target();
            framework.call_driver(|| target.invoke());
            drop(callback);
        }
    }
}
