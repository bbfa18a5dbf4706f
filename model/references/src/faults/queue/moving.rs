//! Faults of requests that wait in a queue.

use super::super::{About, Fault};
use crate::framework::{
    Framework, Id, Irp, Lists, Locked, Moved, Place, Reference, Steps, finish, hand_down, note_completion,
    put_back, release,
};
use crate::request::{Cancel, Status};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// A request that is put back stays there, although it has been canceled.
#[derive(Debug)]
pub struct NeverLooks;

impl<R: Runtime> Steps<R> for NeverLooks {
    fn must_leave(&self, _framework: &Framework<R>, lists: &Lists<R>, _id: Id) -> bool {
        lists.is_purged
    }
}
impl Fault for NeverLooks {
    const ABOUT: About = About {
        name: "queue-never-looks-on-requeue",
        edit: "putting a request back does not look at the cancel bit",
        breaks: Rule::NoLostCancel,
        scenario: "requeue-cancel",
        origin: "specification 2.4: requeue with K = 1 is finished as canceled in queue",
        ..About::of("queue")
    };
}

/// The cancel bit is looked at before the request can be claimed in the queue.
#[derive(Debug)]
pub struct LooksBeforePuttingBack;

impl<R: Runtime> Steps<R> for LooksBeforePuttingBack {
    fn move_to(&self, framework: &Framework<R>, id: Id, queue: usize) -> Moved {
        let irp = framework.irp(id);
        let mut lists = framework.queue(queue);
        if lists.is_purged || irp.is_bit_set() {
            drop(lists);
            return Steps::<R>::move_to(&Reference, framework, id, queue);
        }
        let record = lists.record(id);
        record.place = Place::Queued;
        record.references = 2;
        lists.queued.push_back(id);
        irp.publish(queue);
        Moved::Moved
    }
}
impl Fault for LooksBeforePuttingBack {
    const ABOUT: About = About {
        name: "queue-looks-before-putting-back",
        edit: "putting a request back reads the cancel bit before it publishes the routine, and not after",
        breaks: Rule::NoLostCancel,
        scenario: "requeue-cancel",
        origin: "specification R20: in queue and later canceled, or finished at once",
        ..About::of("queue")
    };
}

/// A marked request is put back.
#[derive(Debug)]
pub struct RequeuesMarked;

impl<R: Runtime> Steps<R> for RequeuesMarked {
    fn move_to(&self, framework: &Framework<R>, id: Id, queue: usize) -> Moved {
        let mut lists = framework.queue(queue);
        if lists.owned(id).is_ok_and(|record| record.is_marked && !record.is_notified) {
            lists.unlink(id);
            lists.record(id).is_marked = false;
            put_back(framework, lists, queue, id);
            return Moved::Moved;
        }
        drop(lists);
        Steps::<R>::move_to(&Reference, framework, id, queue)
    }
}
impl Fault for RequeuesMarked {
    const ABOUT: About = About {
        name: "queue-requeues-marked",
        edit: "putting a request back does not look whether it is marked",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-requeue-marked",
        origin: "specification V11",
        ..About::of("queue")
    };
}

/// A marked request is sent to the driver below.
#[derive(Debug)]
pub struct SendsMarked;

impl<R: Runtime> Steps<R> for SendsMarked {
    fn send_down(&self, framework: &Framework<R>, id: Id) -> Moved {
        let mut lists = framework.lists(id);
        if let Err(misuse) = lists.owned(id) {
            return Moved::Refused(misuse);
        }
        hand_down(framework, lists, id);
        Moved::Moved
    }
}
impl Fault for SendsMarked {
    const ABOUT: About = About {
        name: "queue-sends-marked",
        edit: "sending a request down does not look whether it is marked",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-send-down-marked",
        origin: "specification 2.4, ReqMarkCancelableSend: no run-time check exists",
        ..About::of("queue")
    };
}

/// A request is delivered with the routine of the queue in its slot.
#[derive(Debug)]
pub struct DeliversWithoutExchange;

impl<R: Runtime> Steps<R> for DeliversWithoutExchange {
    fn take_for_delivery(&self, irp: &Irp<R>) -> bool {
        !irp.is_empty()
    }
}
impl Fault for DeliversWithoutExchange {
    const ABOUT: About = About {
        name: "queue-delivers-without-exchange",
        edit: "delivery looks whether there is a routine in the slot, and does not take it",
        breaks: Rule::ReferencesBalanced,
        scenario: "queued-cancel",
        origin: "specification R19: R is taken by the framework, or the cancel path finishes it",
        ..About::of("queue")
    };
}

/// A request that a canceler has claimed is delivered.
#[derive(Debug)]
pub struct DeliversTheClaimed;

impl<R: Runtime> Steps<R> for DeliversTheClaimed {
    fn take_for_delivery(&self, irp: &Irp<R>) -> bool {
        let _: Option<usize> = irp.take();
        true
    }
}
impl Fault for DeliversTheClaimed {
    const ABOUT: About = About {
        name: "queue-delivers-the-claimed",
        edit: "delivery does not skip requests whose routine a canceler has taken",
        breaks: Rule::ReferencesBalanced,
        scenario: "queued-cancel",
        origin: "specification 2.4, deliver: if NULL came back the request is already claimed and is skipped",
        ..About::of("queue")
    };
}

/// The driver is not told of what it has seen before.
#[derive(Debug)]
pub struct NeverTellsOnQueue;

impl<R: Runtime> Steps<R> for NeverTellsOnQueue {
    fn cancel_on_queue<'a>(
        &self,
        framework: &'a Framework<R>,
        mut lists: Locked<'a, R>,
        _queue: usize,
        id: Id,
    ) {
        lists.queued.retain(|&queued| queued != id);
        let _: bool = release(&mut lists, id);
        let settled = finish(&mut lists, id, Status::Canceled);
        drop(lists);
        note_completion(framework, id, settled);
    }
}
impl Fault for NeverTellsOnQueue {
    const ABOUT: About = About {
        name: "queue-never-tells-on-queue",
        edit: "what is canceled in the queue is completed, whether its driver has seen it before or not",
        breaks: Rule::Linearizable,
        scenario: "requeue-cancel-telling",
        origin: "specification 2.4: Q, delivered before, queue has a canceled-on-queue callback",
        ..About::of("queue")
    };
}

/// The driver is told, and the framework completes the request all the same.
#[derive(Debug)]
pub struct TellsAndCompletes;

impl<R: Runtime> Steps<R> for TellsAndCompletes {
    fn cancel_on_queue<'a>(&self, framework: &'a Framework<R>, lists: Locked<'a, R>, queue: usize, id: Id) {
        Steps::<R>::cancel_on_queue(&Reference, framework, lists, queue, id);
        framework.driver().on_completed(id, Status::Canceled);
    }
}
impl Fault for TellsAndCompletes {
    const ABOUT: About = About {
        name: "queue-tells-and-completes",
        edit: "what is canceled in the queue is completed by the framework as well as by the driver that was told",
        breaks: Rule::SingleCompletion,
        scenario: "requeue-cancel-telling",
        origin: "specification I6: exactly one completion",
        ..About::of("queue")
    };
}

/// A cleanup flushes nothing.
#[derive(Debug)]
pub struct FlushesNothing;

impl<R: Runtime> Steps<R> for FlushesNothing {
    fn clean_up(&self, _framework: &Framework<R>, _ids: &[Id]) {}
}
impl Fault for FlushesNothing {
    const ABOUT: About = About {
        name: "queue-flushes-nothing",
        edit: "the cleanup of a file does not cancel what waits in the queue",
        breaks: Rule::NoDeadlock,
        scenario: "close-flushes-what-waits",
        origin: "specification 2.4: cleanup flushes Q requests of that file object",
        ..About::of("queue")
    };
}

/// A cleanup cancels what the driver owns.
#[derive(Debug)]
pub struct CleansUpTheDriver;

impl<R: Runtime> Steps<R> for CleansUpTheDriver {
    fn clean_up(&self, framework: &Framework<R>, ids: &[Id]) {
        for &id in ids {
            let _: Cancel = framework.cancel(id);
        }
    }
}
impl Fault for CleansUpTheDriver {
    const ABOUT: About = About {
        name: "queue-cleans-up-the-driver",
        edit: "the cleanup of a file cancels every request of it, also those that the driver owns",
        breaks: Rule::RightSelection,
        scenario: "close-leaves-what-is-delivered",
        origin: "specification R28: cleanup alone never calls the cancel callback of a driver-owned request",
        ..About::of("queue")
    };
}
