//! Faults of purging, opening and stopping a queue.

use super::super::{About, Fault, Sight};
use crate::framework::{
    Framework, Id, Lists, Place, Purge, Reference, Steps, dispatch, finish, hand_over, note_completion,
};
use crate::request::{Complete, Status};
use crate::rule::Rule;
use crate::runtime::Runtime;

fn reference_purge<R: Runtime>(framework: &Framework<R>, purge: Purge) {
    Steps::<R>::purge(&Reference, framework, purge);
}

/// A purge takes requests off the list without taking their routines.
#[derive(Debug)]
pub struct PopsWithoutExchange;

impl<R: Runtime> Steps<R> for PopsWithoutExchange {
    fn claim_armed(&self, _framework: &Framework<R>, lists: &mut Lists<R>) {
        for id in std::mem::take(&mut lists.armed) {
            hand_over(lists, id);
        }
    }
}
impl Fault for PopsWithoutExchange {
    const ABOUT: About = About {
        name: "queue-pops-without-exchange",
        edit: "a purge takes requests off the list and leaves their routines in the slot",
        breaks: Rule::ReferencesBalanced,
        scenario: "purge-cancel",
        origin: "specification Appendix C: purge pops without exchange (I1, I3)",
        ..About::of("queue")
    };
}

/// A purge takes requests that belong to a canceler.
#[derive(Debug)]
pub struct PurgesWhatIsClaimed;

impl<R: Runtime> Steps<R> for PurgesWhatIsClaimed {
    fn claim_armed(&self, framework: &Framework<R>, lists: &mut Lists<R>) {
        for id in std::mem::take(&mut lists.armed) {
            let _: Option<usize> = framework.irp(id).take();
            hand_over(lists, id);
        }
    }
}
impl Fault for PurgesWhatIsClaimed {
    const ABOUT: About = About {
        name: "queue-purges-what-is-claimed",
        edit: "a purge does not skip requests whose routine a canceler has taken",
        breaks: Rule::ReferencesBalanced,
        scenario: "purge-two-cancel",
        origin: "specification 2.2: entries whose exchange yields NULL belong to an I/O-manager cancel",
        ..About::of("queue")
    };
}

/// A purge leaves marked requests alone.
#[derive(Debug)]
pub struct PurgesOnlyWhatWaits;

impl<R: Runtime> Steps<R> for PurgesOnlyWhatWaits {
    fn claim_armed(&self, _framework: &Framework<R>, _lists: &mut Lists<R>) {}
}
impl Fault for PurgesOnlyWhatWaits {
    const ABOUT: About = About {
        name: "queue-purges-only-what-waits",
        edit: "a purge does not claim marked requests",
        breaks: Rule::NoLostCancel,
        scenario: "purge-two",
        origin: "specification 2.4: purge from A leads to X",
        ..About::of("queue")
    };
}

/// A purge claims what is marked, and forgets what is marked next.
#[derive(Debug)]
pub struct ForgetsThePurge;

impl<R: Runtime> Steps<R> for ForgetsThePurge {
    fn purge(&self, framework: &Framework<R>, purge: Purge) {
        reference_purge(framework, purge);
        framework.queue(0).is_purged = false;
    }
}
impl Fault for ForgetsThePurge {
    const ABOUT: About = About {
        name: "queue-forgets-the-purge",
        edit: "a purge clears its own flag when it has claimed what was marked",
        breaks: Rule::NoLostCancel,
        scenario: "purge-then-mark",
        origin: "specification 2.4: P makes the next arming answer canceled",
        ..About::of("queue")
    };
}

/// A purge pretends to be a cancel.
#[derive(Debug)]
pub struct SetsTheBit;

impl<R: Runtime> Steps<R> for SetsTheBit {
    fn claim_armed(&self, framework: &Framework<R>, lists: &mut Lists<R>) {
        for id in lists.armed.clone() {
            framework.irp(id).set_bit();
        }
        Steps::<R>::claim_armed(&Reference, framework, lists);
    }
}
impl Fault for SetsTheBit {
    const ABOUT: About = About {
        name: "queue-sets-the-bit",
        edit: "a purge sets the cancel bit of what it claims",
        breaks: Rule::Linearizable,
        scenario: "purge-two",
        origin: "specification R3: one callback, K clear",
        ..About::of("queue")
    };
}

/// Once purged, always purged.
#[derive(Debug)]
pub struct NeverOpens;

impl<R: Runtime> Steps<R> for NeverOpens {
    fn open(&self, _framework: &Framework<R>) {}
}
impl Fault for NeverOpens {
    const ABOUT: About = About {
        name: "queue-never-opens",
        edit: "opening the queue does not clear the purge flag",
        breaks: Rule::Linearizable,
        scenario: "purge-then-open-then-mark",
        origin: "specification 2.2: P is cleared when the queue is allowed to dispatch again",
        ..About::of("queue")
    };
}

/// A purge drops the callbacks that are promised already.
#[derive(Debug)]
pub struct DropsWhatIsPromised;

impl<R: Runtime> Steps<R> for DropsWhatIsPromised {
    fn purge(&self, framework: &Framework<R>, purge: Purge) {
        framework.queue(0).canceled.clear();
        reference_purge(framework, purge);
    }
}
impl Fault for DropsWhatIsPromised {
    const ABOUT: About = About {
        name: "queue-drops-what-is-promised",
        edit: "a purge clears the canceled list",
        breaks: Rule::NoLostCancel,
        scenario: "purge-while-held",
        origin: "specification Appendix C: pending callback dropped when the queue is purged (I1, I15)",
        ..About::of("queue")
    };
}

/// The driver is told that the purge is over before it is.
#[derive(Debug)]
pub struct TellsTooEarly;

impl<R: Runtime> Steps<R> for TellsTooEarly {
    fn purge(&self, framework: &Framework<R>, purge: Purge) {
        reference_purge(framework, Purge::AndForget);
        if purge == Purge::AndTell {
            framework.driver().on_purged();
        }
    }
}
impl Fault for TellsTooEarly {
    const ABOUT: About = About {
        name: "queue-tells-too-early",
        edit: "a purge tells its driver that it is over without waiting for the requests that the driver owns",
        breaks: Rule::RequestCompleted,
        scenario: "purge-and-tell-unmarked",
        origin: "specification T10: purge finishes after B's completion",
        ..About::of("queue")
    };
}

/// The driver is never told.
#[derive(Debug)]
pub struct NeverTells;

impl<R: Runtime> Steps<R> for NeverTells {
    fn complete(&self, framework: &Framework<R>, id: Id, status: Status) -> Complete {
        let mut lists = framework.lists(id);
        match lists.owned(id) {
            Ok(record) if !record.is_marked || record.is_notified => {}
            _ => {
                drop(lists);
                return Steps::<R>::complete(&Reference, framework, id, status);
            }
        }
        let mut settled = finish(&mut lists, id, status);
        drop(lists);
        settled.is_purged = false;
        note_completion(framework, id, settled);
        Complete::Completed
    }
}
impl Fault for NeverTells {
    const ABOUT: About = About {
        name: "queue-never-tells",
        edit: "the last completion does not tell the driver that the purge is over",
        breaks: Rule::RequestCompleted,
        scenario: "purge-and-tell-unmarked",
        origin: "specification T10",
        ..About::of("queue")
    };
}

/// The driver is told from within the callback that completes its last request.
#[derive(Debug)]
pub struct TellsInsideTheCallback;

impl<R: Runtime> Steps<R> for TellsInsideTheCallback {
    fn complete(&self, framework: &Framework<R>, id: Id, status: Status) -> Complete {
        let mut lists = framework.lists(id);
        match lists.owned(id) {
            Ok(record) if !record.is_marked || record.is_notified => {}
            _ => {
                drop(lists);
                return Steps::<R>::complete(&Reference, framework, id, status);
            }
        }
        let mut settled = finish(&mut lists, id, status);
        if lists.is_purge_awaited && !lists.has_owned() {
            lists.is_purge_awaited = false;
            lists.is_purged = false;
            settled.is_purged = true;
        }
        drop(lists);
        note_completion(framework, id, settled);
        Complete::Completed
    }
}
impl Fault for TellsInsideTheCallback {
    const ABOUT: About = About {
        name: "queue-tells-inside-the-callback",
        edit: "a completion that is the last tells the driver that the purge is over, and does not mind who is being called back",
        breaks: Rule::RequestCompleted,
        scenario: "purge-and-tell-cancel",
        needs: Sight::RealTime,
        origin: "specification I15: a queue ends after the callbacks that it has promised",
        ..About::of("queue")
    };
}

/// A queue that stops presents requests that have been canceled.
#[derive(Debug)]
pub struct PresentsTheCanceled;

impl<R: Runtime> Steps<R> for PresentsTheCanceled {
    fn stop(&self, framework: &Framework<R>) {
        let mut lists = framework.queue(0);
        lists.is_power_held = true;
        for id in 0..lists.records.len() {
            let record = lists.records[id].as_ref();
            if record.is_some_and(|record| record.place == Place::Owned) {
                let is_cancelable = lists.armed.contains(&id);
                drop(lists);
                framework.call_driver(|| framework.driver().on_stop(id, is_cancelable));
                lists = framework.queue(0);
            }
        }
        lists.is_power_held = false;
        dispatch(framework, 0, lists);
    }
}
impl Fault for PresentsTheCanceled {
    const ABOUT: About = About {
        name: "queue-presents-the-canceled",
        edit: "stopping does not look at the framework's canceled flag",
        breaks: Rule::Linearizable,
        scenario: "stop-after-claim",
        origin: "specification R21: C before notification, EvtIoStop is not called for it",
        ..About::of("queue")
    };
}
