//! Faults of the dispatcher.

use super::super::{About, Fault};
use crate::framework::{Entry, Framework, Id, Lists, May, Reference, Steps, release};
use crate::rule::Rule;
use crate::runtime::{Runtime, Thread};

/// The canceled list is a stack.
#[derive(Debug)]
pub struct LastComeFirstServed;

impl<R: Runtime> Steps<R> for LastComeFirstServed {
    fn hand_over(&self, lists: &mut Lists<R>, id: Id) {
        lists.record(id).is_canceled = true;
        lists.canceled.push_front(id);
    }
}
impl Fault for LastComeFirstServed {
    const ABOUT: About = About {
        name: "queue-last-come-first-served",
        edit: "a claimed request is put at the front of the canceled list",
        breaks: Rule::InOrder,
        scenario: "handler-cancels-two",
        origin: "specification 2.2: entries of one queue leave in FIFO order",
        ..About::of("queue")
    };
}

/// The dispatcher takes what was handed over last.
#[derive(Debug)]
pub struct ServesTheLatest;

impl<R: Runtime> Steps<R> for ServesTheLatest {
    fn next_entry(&self, lists: &mut Lists<R>) -> Option<Entry> {
        if !lists.is_power_held && !lists.canceled.is_empty() {
            lists.canceled.rotate_right(1);
        }
        Reference.next_entry(lists)
    }
}
impl Fault for ServesTheLatest {
    const ABOUT: About = About {
        name: "queue-serves-the-latest",
        edit: "the dispatcher takes its entries from the end of the canceled list",
        breaks: Rule::InOrder,
        scenario: "handler-cancels-two",
        origin: "specification 2.2: entries of one queue leave in FIFO order",
        ..About::of("queue")
    };
}

/// A thread becomes a second dispatcher, inside the handler that it is to wait for.
#[derive(Debug)]
pub struct CallsInsideTheHandler;

impl<R: Runtime> Steps<R> for CallsInsideTheHandler {
    fn may_call(&self, _framework: &Framework<R>, lists: &mut Lists<R>) -> May {
        match &lists.synchronized {
            _ if lists.is_power_held => May::SomebodyElse,
            Some(thread) if thread.is_same(&R::current()) => May::Later,
            _ => May::Now,
        }
    }
}
impl Fault for CallsInsideTheHandler {
    const ABOUT: About = About {
        name: "queue-calls-inside-the-handler",
        edit: "a thread that visits does not look whether somebody is dispatching",
        breaks: Rule::NoDeadlock,
        scenario: "handler-cancels",
        origin: "specification 2.6: called from a handler of the same queue, not inline",
        ..About::of("queue")
    };
}

/// A thread that is inside a synchronized callback calls the driver, and waits for itself.
#[derive(Debug)]
pub struct CallsInsideTheScope;

impl<R: Runtime> Steps<R> for CallsInsideTheScope {
    fn may_call(&self, _framework: &Framework<R>, lists: &mut Lists<R>) -> May {
        if lists.dispatchers > 0 || lists.is_power_held { May::SomebodyElse } else { May::Now }
    }
}
impl Fault for CallsInsideTheScope {
    const ABOUT: About = About {
        name: "queue-calls-inside-the-scope",
        edit: "a thread that visits does not look whether it holds the presentation lock",
        breaks: Rule::NoDeadlock,
        scenario: "synchronized-cancel",
        origin: "specification 2.6: this thread holds the presentation lock, not inline",
        ..About::of("queue")
    };
}

/// The callback is made without the presentation lock.
#[derive(Debug)]
pub struct CallsWithoutTheScope;

impl<R: Runtime> Steps<R> for CallsWithoutTheScope {
    fn call_back(&self, framework: &Framework<R>, entry: Entry) {
        match entry {
            Entry::Cancel(_, Some(callback)) => callback.invoke(),
            Entry::Cancel(_, None) => {}
            Entry::CanceledOnQueue(id) => framework.driver().on_canceled_on_queue(id),
        }
    }
}
impl Fault for CallsWithoutTheScope {
    const ABOUT: About = About {
        name: "queue-calls-without-the-scope",
        edit: "the dispatcher does not take the presentation lock",
        breaks: Rule::Serialized,
        scenario: "synchronized-cancel-race",
        origin: "specification Appendix C: callback delivered while the same scope's handler runs (I13)",
        ..About::of("queue")
    };
}

/// The callback is made under the queue lock.
#[derive(Debug)]
pub struct CallsUnderTheQueueLock;

impl<R: Runtime> Steps<R> for CallsUnderTheQueueLock {
    fn call_back(&self, framework: &Framework<R>, entry: Entry) {
        let Entry::Cancel(id, Some(callback)) = entry else { return };
        let lists = framework.lists(id);
        callback.invoke();
        drop(lists);
        drop(callback);
    }
}
impl Fault for CallsUnderTheQueueLock {
    const ABOUT: About = About {
        name: "queue-calls-under-the-queue-lock",
        edit: "the dispatcher holds the queue lock while it calls the driver",
        breaks: Rule::ReentrantCallback,
        scenario: "handler-marks-canceled",
        origin: "specification I12: no framework lock but the presentation lock is held in the callback",
        ..About::of("queue")
    };
}

/// A dispatcher that comes out of a handler does not know of the change of power.
#[derive(Debug)]
pub struct ForgetsThePower;

impl<R: Runtime> Steps<R> for ForgetsThePower {
    fn next_entry(&self, lists: &mut Lists<R>) -> Option<Entry> {
        let id = lists.canceled.pop_front()?;
        let record = lists.record(id);
        record.is_notified = true;
        Some(Entry::Cancel(id, record.callback.take()))
    }
}
impl Fault for ForgetsThePower {
    const ABOUT: About = About {
        name: "queue-forgets-the-power",
        edit: "the event loop does not look whether callbacks are held back",
        breaks: Rule::Serialized,
        scenario: "power-held-in-handler",
        origin: "specification 2.2: callbacks are held back while the queue notifies of a power change",
        ..About::of("queue")
    };
}

/// When callbacks are no longer held back, nobody makes those that were.
#[derive(Debug)]
pub struct ForgetsWhatWasHeld;

impl<R: Runtime> Steps<R> for ForgetsWhatWasHeld {
    fn release_power(&self, framework: &Framework<R>) {
        framework.queue(0).is_power_held = false;
    }
}
impl Fault for ForgetsWhatWasHeld {
    const ABOUT: About = About {
        name: "queue-forgets-what-was-held",
        edit: "the end of a change of power does not visit the dispatcher",
        breaks: Rule::NoLostCancel,
        scenario: "power-held",
        origin: "specification 2.6: after that notification phase",
        ..About::of("queue")
    };
}

/// What a thread inside a synchronized callback has left for later is never made.
#[derive(Debug)]
pub struct ForgetsTheWorkItem;

impl<R: Runtime> Steps<R> for ForgetsTheWorkItem {
    fn run_work_item(&self, _framework: &Framework<R>) {}
}
impl Fault for ForgetsTheWorkItem {
    const ABOUT: About = About {
        name: "queue-forgets-the-work-item",
        edit: "the work item of deferred callbacks does nothing",
        breaks: Rule::NoLostCancel,
        scenario: "synchronized-cancel",
        origin: "specification I14: delivery is finite but not immediate",
        ..About::of("queue")
    };
}

/// The reference of a callback is given back before the callback is made.
#[derive(Debug)]
pub struct ReleasesBeforeCalling;

impl<R: Runtime> Steps<R> for ReleasesBeforeCalling {
    fn next_entry(&self, lists: &mut Lists<R>) -> Option<Entry> {
        if lists.is_power_held {
            return None;
        }
        let id = lists.canceled.pop_front()?;
        let _: bool = release(lists, id);
        let record = lists.record(id);
        record.is_notified = true;
        Some(Entry::Cancel(id, record.callback.take()))
    }

    fn release_after_call(&self, _lists: &mut Lists<R>, _id: Id) -> bool {
        false
    }
}
impl Fault for ReleasesBeforeCalling {
    const ABOUT: About = About {
        name: "queue-releases-before-calling",
        edit: "the dispatcher gives the reference back before the call and not after it",
        breaks: Rule::ReferencesBalanced,
        scenario: "handler-marks-canceled",
        origin: "specification Appendix C: dispatcher drops the reference before the call (I9)",
        ..About::of("queue")
    };
}

/// The reference of a callback is never given back.
#[derive(Debug)]
pub struct LeaksTheReference;

impl<R: Runtime> Steps<R> for LeaksTheReference {
    fn release_after_call(&self, _lists: &mut Lists<R>, _id: Id) -> bool {
        false
    }
}
impl Fault for LeaksTheReference {
    const ABOUT: About = About {
        name: "queue-leaks-the-reference",
        edit: "the dispatcher does not give the reference back after the call",
        breaks: Rule::ReferencesBalanced,
        scenario: "handler-marks-canceled",
        origin: "specification I11: references balance",
        ..About::of("queue")
    };
}

/// The callback object is released before it has returned.
#[derive(Debug)]
pub struct ReleasesTheObjectEarly;

impl<R: Runtime> Steps<R> for ReleasesTheObjectEarly {
    fn call_back(&self, framework: &Framework<R>, entry: Entry) {
        let Entry::Cancel(_, Some(callback)) = entry else { return };
        let target = callback.target();
        drop(callback);
        framework.call_driver(|| target.invoke());
    }
}
impl Fault for ReleasesTheObjectEarly {
    const ABOUT: About = About {
        name: "queue-releases-the-object-early",
        edit: "the dispatcher releases the callback object before it calls it",
        breaks: Rule::CallbackReleased,
        scenario: "handler-marks-canceled",
        origin: "specification I10: callback object alive in callback",
        ..About::of("queue")
    };
}
