//! Faults of the ordinary [driver](crate::driver::ordinary), over a framework that is right: what the Windows rules for drivers are about.

use std::sync::Arc;

use super::{About, Fault};
use crate::driver::ordinary::{Ordinary, Pending, Steps, mark};
use crate::driver::{DRIVER, IoRequest, Memory};
use crate::request::{Status, Unmark};
use crate::rule::Rule;
use crate::runtime::{Condvar, Mutex, Runtime};

/// The start of a description.
const fn driver(name: &'static str, edit: &'static str, breaks: Rule, scenario: &'static str) -> About {
    About { name, edit, breaks, scenario, contract: DRIVER, ..About::of("driver") }
}

/// Says of a fault what is documented.
macro_rules! fault {
    ($fault:ident, $about:expr) => {
        impl Fault for $fault {
            const ABOUT: About = $about;
        }
    };
}

/// Takes the request that the device has worked on.
fn taken<R: Runtime, S: Steps>(driver: &Ordinary<R, S>) -> Option<Pending<R>> {
    driver.pending.lock().take()
}

/// Completes whatever the unmark answered.
#[derive(Debug)]
pub struct CompletesAfterARefusal;

fault!(
    CompletesAfterARefusal,
    About {
        origin: "CompleteCanceledReq; the WDK 7.1 fingerprint sample",
        ..driver(
            "driver-completes-after-a-refusal",
            "the device's handler completes whatever the unmark has answered",
            Rule::SingleCompletion,
            "canceled-while-done",
        )
    }
);

impl Steps for CompletesAfterARefusal {
    fn device_done<R: Runtime>(driver: &Arc<Ordinary<R, Self>>) {
        let mut slot = driver.pending.lock();
        let Some(Pending { request, .. }) = slot.take() else { return };
        let _ = request.unmark_cancelable();
        drop(slot);
        request.complete(Status::Success);
    }
}

/// Completes what is marked.
#[derive(Debug)]
pub struct CompletesTheMarked;

fault!(
    CompletesTheMarked,
    About {
        origin: "ReqNotCanceled: completed before the callback",
        ..driver(
            "driver-completes-the-marked",
            "the device's handler completes without taking the mark back",
            Rule::NeverAfterCompletion,
            "delivered-then-done",
        )
    }
);

impl Steps for CompletesTheMarked {
    fn device_done<R: Runtime>(driver: &Arc<Ordinary<R, Self>>) {
        if let Some(Pending { request, .. }) = taken(driver) {
            request.complete(Status::Success);
        }
    }
}

/// Frees what the callback uses before it knows whether the callback comes.
#[derive(Debug)]
pub struct FreesWhatTheCallbackUses;

fault!(
    FreesWhatTheCallbackUses,
    About {
        origin: "R14; a context that is freed by whoever comes first",
        ..driver(
            "driver-frees-what-the-callback-uses",
            "the device's handler frees the context before it takes the mark back",
            Rule::Lifetime,
            "canceled-while-done",
        )
    }
);

impl Steps for FreesWhatTheCallbackUses {
    fn device_done<R: Runtime>(driver: &Arc<Ordinary<R, Self>>) {
        let mut slot = driver.pending.lock();
        let Some(Pending { request, context }) = slot.take() else { return };
        context.free();
        let answer = request.unmark_cancelable();
        drop(slot);
        if answer == Unmark::Unmarked {
            request.complete(Status::Success);
        }
    }
}

/// Completes what it has put back.
#[derive(Debug)]
pub struct CompletesTheQueued;

fault!(
    CompletesTheQueued,
    About {
        origin: "V5: completed although it waits in a queue",
        ..driver(
            "driver-completes-the-queued",
            "the handler puts the request back into its queue, and completes it",
            Rule::NoMisuse,
            "delivered-then-done",
        )
    }
);

impl Steps for CompletesTheQueued {
    fn dispatch<R: Runtime>(_driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        request.requeue();
        request.complete(Status::Success);
    }
}

/// Holds a request that nobody can cancel.
#[derive(Debug)]
pub struct HoldsWithoutACallback;

fault!(
    HoldsWithoutACallback,
    About {
        origin: "Driver Verifier 0xC4/0x135: canceled, and not completed in time",
        ..driver(
            "driver-holds-without-a-callback",
            "the handler notes the request and does not mark it",
            Rule::NoLostCancel,
            "delivered-then-canceled",
        )
    }
);

impl Steps for HoldsWithoutACallback {
    fn dispatch<R: Runtime>(driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        *driver.pending.lock() = Some(Pending { request, context: Arc::new(Memory::new()) });
    }

    fn device_done<R: Runtime>(driver: &Arc<Ordinary<R, Self>>) {
        if let Some(Pending { request, .. }) = taken(driver) {
            request.complete(Status::Success);
        }
    }
}

/// Forgets what it has left to the device.
#[derive(Debug)]
pub struct ForgetsWhatItDeferred;

fault!(
    ForgetsWhatItDeferred,
    About {
        origin: "DeferredRequestCompleted",
        ..driver(
            "driver-forgets-what-it-deferred",
            "the device's handler takes the mark back and completes nothing",
            Rule::RequestCompleted,
            "delivered-then-done",
        )
    }
);

impl Steps for ForgetsWhatItDeferred {
    fn device_done<R: Runtime>(driver: &Arc<Ordinary<R, Self>>) {
        if let Some(Pending { request, .. }) = taken(driver) {
            let _ = request.unmark_cancelable();
        }
    }
}

/// Marks what others can see already.
#[derive(Debug)]
pub struct MarksWhatOthersSee;

fault!(
    MarksWhatOthersSee,
    About {
        origin: "MarkingQueuedIrps, R15",
        ..driver(
            "driver-marks-what-others-see",
            "the handler notes the request, lets go of its lock, and marks it",
            Rule::NoMisuse,
            "done-while-delivered",
        )
    }
);

impl Steps for MarksWhatOthersSee {
    fn dispatch<R: Runtime>(driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        let context = Arc::new(Memory::new());
        *driver.pending.lock() = Some(Pending { request: request.clone(), context: Arc::clone(&context) });
        mark(driver, &request, &context);
    }
}

/// Asks about a request that it has sent and canceled.
#[derive(Debug)]
pub struct AsksAboutTheSent;

fault!(
    AsksAboutTheSent,
    About {
        origin: "InvalidReqAccess",
        ..driver(
            "driver-asks-about-the-sent",
            "the handler sends the request on, cancels it there, and asks whether it is canceled",
            Rule::NoMisuse,
            "delivered-then-done",
        )
    }
);

impl Steps for AsksAboutTheSent {
    const SENDS: bool = true;

    fn dispatch<R: Runtime>(_driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        request.send(|_| ());
        request.cancel_sent();
        let _ = request.is_canceled();
    }
}

/// Completes what it does not own any more.
#[derive(Debug)]
pub struct CompletesTheSent;

fault!(
    CompletesTheSent,
    About {
        origin: "CompleteRequest",
        ..driver(
            "driver-completes-the-sent",
            "the handler sends the request on, and completes it",
            Rule::NoMisuse,
            "delivered-then-done",
        )
    }
);

impl Steps for CompletesTheSent {
    const SENDS: bool = true;

    fn dispatch<R: Runtime>(_driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        request.send(|_| ());
        request.complete(Status::Success);
    }
}

/// Its completion routine does not wake the handler that waits.
#[derive(Debug)]
pub struct SignalsNobody;

fault!(
    SignalsNobody,
    About {
        origin: "SignalEventInCompletion",
        ..driver(
            "driver-signals-nobody",
            "the completion routine notes the end, and does not signal the event that the handler waits for",
            Rule::NoDeadlock,
            "delivered-then-done",
        )
    }
);

impl Steps for SignalsNobody {
    const SENDS: bool = true;

    fn dispatch<R: Runtime>(driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        send_and_wait(driver, &request, false);
    }
}

/// Sends a request on and waits until its completion routine says that it has ended; `signals` is whether the routine wakes.
pub fn send_and_wait<R: Runtime, S: Steps>(
    driver: &Arc<Ordinary<R, S>>,
    request: &IoRequest<R>,
    signals: bool,
) {
    let of_routine = Arc::downgrade(driver);
    request.send(move |_| {
        let Some(driver) = of_routine.upgrade() else { return };
        if let Some((is_set, changed)) = &driver.event {
            *is_set.lock() = true;
            if signals {
                changed.notify_all();
            }
        }
    });
    if let Some((is_set, changed)) = &driver.event {
        let mut is_set = is_set.lock();
        while !*is_set {
            is_set = changed.wait(is_set);
        }
        *is_set = false;
    }
}
