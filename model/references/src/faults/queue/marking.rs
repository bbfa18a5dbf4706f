//! Faults of marking, unmarking and claiming on a queue.

use std::sync::Arc;

use super::super::{About, Fault};
use crate::callback::Callback;
use crate::framework::{
    Armed, Framework, Id, Irp, Lists, Locked, Steps, disarm, dispatch, finish, hand_over, mark_canceled,
    note_completion,
};
use crate::request::{Cancel, Complete, Mark, Status, Unmark};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// The armer looks before it publishes, so a cancel in between finds nothing and is not seen.
#[derive(Debug)]
pub struct LooksBeforePublishing;

impl<R: Runtime> Steps<R> for LooksBeforePublishing {
    fn arm(&self, framework: &Framework<R>, lists: &mut Lists<R>, id: Id, callback: Arc<Callback>) -> Armed {
        let irp = framework.irp(id);
        let is_canceled = lists.is_purged || irp.is_bit_set();
        let record = lists.record(id);
        record.is_marked = true;
        record.callback = Some(callback);
        if is_canceled {
            return Armed::AlreadyCanceled;
        }
        record.references += 1;
        lists.armed.push(id);
        irp.publish(framework.home(id));
        Armed::Armed
    }
}
impl Fault for LooksBeforePublishing {
    const ABOUT: About = About {
        name: "queue-looks-before-publishing",
        edit: "arming reads the cancel bit before it publishes the routine, and not after",
        breaks: Rule::NoLostCancel,
        scenario: "queue-mark-cancel",
        origin: "specification Appendix C: arm reads K before publishing R (I7)",
        ..About::of("queue")
    };
}

/// The canceler takes the routine first and sets the bit second.
#[derive(Debug)]
pub struct TakesBeforeSetting;

impl<R: Runtime> Steps<R> for TakesBeforeSetting {
    fn cancel(&self, framework: &Framework<R>, id: Id) -> Cancel {
        let irp = framework.irp(id);
        let taken = irp.take();
        irp.set_bit();
        let Some(queue) = taken else { return Cancel::NotClaimed };
        let mut lists = framework.queue(queue);
        lists.unlink(id);
        hand_over(&mut lists, id);
        dispatch(framework, queue, lists);
        Cancel::Claimed
    }
}
impl Fault for TakesBeforeSetting {
    const ABOUT: About = About {
        name: "queue-takes-before-setting",
        edit: "cancel exchanges the routine first and sets the cancel bit afterwards",
        breaks: Rule::NoLostCancel,
        scenario: "queue-mark-cancel",
        origin: "specification 2.2: K := TRUE, then exchange R",
        ..About::of("queue")
    };
}

/// Unmark believes the list: a request that is on it has not been claimed.
#[derive(Debug)]
pub struct BelievesTheList;

impl<R: Runtime> Steps<R> for BelievesTheList {
    fn withdraw(&self, lists: &Lists<R>, _irp: &Irp<R>, id: Id) -> bool {
        lists.armed.contains(&id)
    }
}
impl Fault for BelievesTheList {
    const ABOUT: About = About {
        name: "queue-believes-the-list",
        edit: "unmark tests membership of the list only, and does not exchange the routine",
        breaks: Rule::ReferencesBalanced,
        scenario: "queue-mark-finish-cancel",
        origin: "specification Appendix C: disarm tests list membership only, no exchange (I3, I1)",
        ..About::of("queue")
    };
}

/// The armer calls back although a canceler has claimed the request.
#[derive(Debug)]
pub struct CallsBackAlthoughTaken;

impl<R: Runtime> Steps<R> for CallsBackAlthoughTaken {
    fn take_back(&self, irp: &Irp<R>) -> bool {
        let _: Option<usize> = irp.take();
        true
    }
}
impl Fault for CallsBackAlthoughTaken {
    const ABOUT: About = About {
        name: "queue-calls-back-although-taken",
        edit: "the armer goes on as if it had got its routine back",
        breaks: Rule::ReferencesBalanced,
        scenario: "queue-mark-cancel",
        origin: "specification Appendix C: armer queues the callback although its take-back exchange failed (I1)",
        ..About::of("queue")
    };
}

/// The armer never takes its routine back, so a cancel that came before is forgotten.
#[derive(Debug)]
pub struct NeverTakesBack;

impl<R: Runtime> Steps<R> for NeverTakesBack {
    fn take_back(&self, _irp: &Irp<R>) -> bool {
        false
    }
}
impl Fault for NeverTakesBack {
    const ABOUT: About = About {
        name: "queue-never-takes-back",
        edit: "the armer that sees the cancel bit leaves its routine to the canceler, who may have been there before",
        breaks: Rule::NoLostCancel,
        scenario: "handler-marks-canceled",
        origin: "specification R1 (b): C between publish and read, armer takes R back",
        ..About::of("queue")
    };
}

/// A refused mark is called back all the same.
#[derive(Debug)]
pub struct CallsBackAndRefuses;

impl<R: Runtime> Steps<R> for CallsBackAndRefuses {
    fn mark_canceled<'a>(&self, framework: &'a Framework<R>, mut lists: Locked<'a, R>, id: Id) -> Mark {
        lists.record(id).references += 1;
        hand_over(&mut lists, id);
        lists.record(id).is_marked = false;
        dispatch(framework, framework.home(id), lists);
        Mark::Canceled
    }
}
impl Fault for CallsBackAndRefuses {
    const ABOUT: About = About {
        name: "queue-calls-back-and-refuses",
        edit: "a refused mark leaves its callback to the dispatcher",
        breaks: Rule::Linearizable,
        scenario: "queue-mark-cancel-refusing",
        origin: "specification Appendix C: MarkCancelableEx refusal leaves C set and later delivers (R2)",
        ..About::of("queue")
    };
}

/// A refused mark keeps the request marked, so that it cannot be completed.
#[derive(Debug)]
pub struct StaysMarkedOnRefusal;

impl<R: Runtime> Steps<R> for StaysMarkedOnRefusal {
    fn mark_canceled<'a>(&self, framework: &'a Framework<R>, lists: Locked<'a, R>, id: Id) -> Mark {
        let answer = mark_canceled(framework, lists, id);
        if answer == Mark::Canceled {
            framework.lists(id).record(id).is_marked = true;
        }
        answer
    }
}
impl Fault for StaysMarkedOnRefusal {
    const ABOUT: About = About {
        name: "queue-stays-marked-on-refusal",
        edit: "a refused mark does not clear the verifier's flag",
        breaks: Rule::RequestCompleted,
        scenario: "queue-mark-cancel-refusing",
        origin: "specification 2.2, arm 5: MarkCancelableEx clears the verifier flag",
        ..About::of("queue")
    };
}

/// Unmark is granted once the callback has begun.
#[derive(Debug)]
pub struct GrantsAfterTheCallback;

impl<R: Runtime> Steps<R> for GrantsAfterTheCallback {
    fn unmark(&self, framework: &Framework<R>, id: Id) -> Unmark {
        let mut lists = framework.lists(id);
        let is_notified = lists.owned(id).is_ok_and(|record| record.is_notified);
        drop(lists);
        if is_notified { Unmark::Unmarked } else { framework_unmark(framework, id) }
    }
}
impl Fault for GrantsAfterTheCallback {
    const ABOUT: About = About {
        name: "queue-grants-after-the-callback",
        edit: "unmark answers success when the callback has begun",
        breaks: Rule::TruthfulUnmark,
        scenario: "queue-mark-finish-cancel",
        origin: "specification Appendix C: disarm answers success after the callback began (I4)",
        ..About::of("queue")
    };
}

fn framework_unmark<R: Runtime>(framework: &Framework<R>, id: Id) -> Unmark {
    Steps::<R>::unmark(&crate::framework::Reference, framework, id)
}

/// Unmark takes the mark back under the lock and keeps the reference.
#[derive(Debug)]
pub struct KeepsTheReference;

impl<R: Runtime> Steps<R> for KeepsTheReference {
    fn unmark(&self, framework: &Framework<R>, id: Id) -> Unmark {
        let mut lists = framework.lists(id);
        let is_marked = lists.owned(id).is_ok_and(|record| record.is_marked);
        if !is_marked || !lists.armed.contains(&id) || framework.irp(id).take().is_none() {
            drop(lists);
            return framework_unmark(framework, id);
        }
        let callback = disarm(&mut lists, id);
        lists.record(id).references += 1;
        drop(lists);
        drop(callback);
        Unmark::Unmarked
    }
}
impl Fault for KeepsTheReference {
    const ABOUT: About = About {
        name: "queue-keeps-the-reference",
        edit: "a granted unmark does not give the reference of the mark back",
        breaks: Rule::ReferencesBalanced,
        scenario: "queue-mark-finish-cancel",
        origin: "specification 2.5: disarm succeeds, - QUEUE",
        ..About::of("queue")
    };
}

/// A canceler visits the dispatcher first and puts the request on the list second.
#[derive(Debug)]
pub struct VisitsBeforeHandingOver;

impl<R: Runtime> Steps<R> for VisitsBeforeHandingOver {
    fn cancel(&self, framework: &Framework<R>, id: Id) -> Cancel {
        let irp = framework.irp(id);
        irp.set_bit();
        let Some(queue) = irp.take() else { return Cancel::NotClaimed };
        dispatch(framework, queue, framework.queue(queue));
        let mut lists = framework.queue(queue);
        lists.unlink(id);
        hand_over(&mut lists, id);
        Cancel::Claimed
    }
}
impl Fault for VisitsBeforeHandingOver {
    const ABOUT: About = About {
        name: "queue-visits-before-handing-over",
        edit: "the canceler visits the dispatcher before the request is on the canceled list",
        breaks: Rule::NoLostCancel,
        scenario: "queue-mark-cancel",
        origin: "specification 2.2, cancel 3: appends the request, visits the dispatcher",
        ..About::of("queue")
    };
}

/// Completion asks nobody.
#[derive(Debug)]
pub struct CompletesMarked;

impl<R: Runtime> Steps<R> for CompletesMarked {
    fn complete(&self, framework: &Framework<R>, id: Id, status: Status) -> Complete {
        let mut lists = framework.lists(id);
        if let Err(misuse) = lists.owned(id) {
            return Complete::Refused(misuse);
        }
        let settled = finish(&mut lists, id, status);
        drop(lists);
        note_completion(framework, id, settled);
        Complete::Completed
    }
}
impl Fault for CompletesMarked {
    const ABOUT: About = About {
        name: "queue-completes-marked",
        edit: "completion does not look whether the request is marked",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-stop-completes",
        origin: "specification V6; rule EvtIoStopCancel",
        ..About::of("queue")
    };
}
