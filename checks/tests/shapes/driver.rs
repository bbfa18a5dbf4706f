//! Drivers over the framework that is right: the ordinary one is proved, and each wrong one is refuted at a line of its own.

use std::sync::Arc;

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::contract::MarkAfterCancel;
use cancelproof::model::driver::ordinary::{Ordinary, Steps};
use cancelproof::model::driver::{DRIVER, Driver, IoRequest, Memory};
use cancelproof::model::faults::driver::send_and_wait;
use cancelproof::model::runtime::Mutex;
use cancelproof::model::{Contract, Mark, Rule, Runtime, Status, Unmark};
use cancelproof::registry::{DRIVER_REFERENCE, DRIVERS};
use cancelproof::scenario::catalogue;
use cancelproof::subject;
use cancelproof::verdict::Verdict;

use crate::judged::{Twin, assert_right, named, unrefuted};

const ALL: [Engine; 4] = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle];

/// What is wrong with a driver.
const NOTHING: u8 = 0;
/// It completes what it has marked, when the device is done.
const COMPLETES_THE_MARKED: u8 = 1;
/// It completes whether the mark was taken back or not.
const IGNORES_THE_REFUSAL: u8 = 2;
/// It frees what the callback uses before it knows whether the callback comes.
const FREES_FIRST: u8 = 3;
/// It puts a request back and completes it.
const COMPLETES_THE_QUEUED: u8 = 4;
/// It holds a request that it has not marked.
const MARKS_NOTHING: u8 = 5;
/// Its callback leaves the request where the device finds it.
const LEAVES_IT_PENDING: u8 = 6;
/// It lets go of its lock before it takes the mark back.
const LETS_GO_FIRST: u8 = 7;
/// It uses the buffer of what it has completed.
const USES_THE_BUFFER_LATE: u8 = 8;
/// It takes two requests at a time and has one place for them.
const FORGETS_THE_FIRST: u8 = 9;
/// It frees what the callback uses when the queue stops.
const FREES_WHEN_STOPPED: u8 = 10;
/// It puts back what it has marked.
const PUTS_BACK_THE_MARKED: u8 = 11;
/// It does not look whether the mark was refused.
const TRUSTS_THE_MARK: u8 = 12;
/// A cancel that is told in the queue is left alone.
const LEAVES_THE_QUEUED: u8 = 13;

struct Pending<R: Runtime> {
    request: IoRequest<R>,
    context: Arc<Memory<R>>,
}

struct OneAtATime<R: Runtime, const WRONG: u8> {
    pending: R::Mutex<Option<Pending<R>>>,
    was_put_back: R::Mutex<bool>,
}

impl<R: Runtime, const WRONG: u8> OneAtATime<R, WRONG> {
    const PUTS_BACK: bool = WRONG == COMPLETES_THE_QUEUED || WRONG == LEAVES_THE_QUEUED;

    /// Whether a request is put back when it is delivered for the first time.
    fn is_put_back(&self, request: &IoRequest<R>) -> bool {
        Self::PUTS_BACK && request.number() == 0 && !std::mem::replace(&mut *self.was_put_back.lock(), true)
    }

    fn canceled(&self, request: &IoRequest<R>, context: &Memory<R>) {
        if WRONG != LEAVES_IT_PENDING {
            let pending = self.pending.lock().take();
            drop(pending);
        }
        context.touch();
        request.use_buffer();
        request.complete(Status::Canceled);
        if WRONG == USES_THE_BUFFER_LATE {
            request.use_buffer();
        }
    }
}

impl<R: Runtime, const WRONG: u8> Driver<R> for OneAtATime<R, WRONG> {
    const AT_A_TIME: usize = if WRONG == FORGETS_THE_FIRST { 2 } else { 1 };

    fn new() -> Self {
        OneAtATime { pending: R::Mutex::new(None), was_put_back: R::Mutex::new(false) }
    }

    fn contract() -> Contract {
        let mark_after_cancel =
            if WRONG == TRUSTS_THE_MARK { MarkAfterCancel::Refuses } else { MarkAfterCancel::CallsBack };
        Contract { mark_after_cancel, ..DRIVER }
    }

    fn dispatch(self: &Arc<Self>, request: IoRequest<R>) {
        if self.is_put_back(&request) {
            request.requeue();
            if WRONG == COMPLETES_THE_QUEUED {
                request.complete(Status::Success);
            }
            return;
        }
        let context = Arc::new(Memory::new());
        let mut pending = self.pending.lock();
        if WRONG != MARKS_NOTHING {
            let (driver, context) = (Arc::downgrade(self), Arc::clone(&context));
            let answer = request.mark_cancelable(move |request| {
                if let Some(driver) = driver.upgrade() {
                    driver.canceled(&request, &context);
                }
            });
            assert!(WRONG == TRUSTS_THE_MARK || answer == Mark::Marked);
        }
        if WRONG == PUTS_BACK_THE_MARKED {
            request.requeue();
        } else {
            *pending = Some(Pending { request, context });
        }
    }

    fn device_done(self: &Arc<Self>) {
        let mut slot = self.pending.lock();
        let Some(Pending { request, context }) = slot.take() else { return };
        if WRONG == LETS_GO_FIRST {
            drop(slot);
            slot = self.pending.lock();
        }
        if WRONG == FREES_FIRST {
            context.free();
        }
        let answer = match WRONG {
            COMPLETES_THE_MARKED | MARKS_NOTHING => Unmark::Unmarked,
            _ => request.unmark_cancelable(),
        };
        drop(slot);
        if answer == Unmark::Unmarked || WRONG == IGNORES_THE_REFUSAL {
            request.use_buffer();
            request.complete(Status::Success);
        }
    }

    fn canceled_on_queue(self: &Arc<Self>, request: IoRequest<R>) {
        if WRONG != LEAVES_THE_QUEUED {
            request.complete(Status::Canceled);
        }
    }

    fn stopped(self: &Arc<Self>, _request: IoRequest<R>, _is_cancelable: bool) {
        if WRONG == FREES_WHEN_STOPPED
            && let Some(pending) = &*self.pending.lock()
        {
            pending.context.free();
        }
    }
}

/// A driver whose handlers exclude each other, and which asks instead of marking: its device is done before long.
struct Asks<R: Runtime>(R::Mutex<Option<IoRequest<R>>>);

impl<R: Runtime> Driver<R> for Asks<R> {
    const IS_SYNCHRONIZED: bool = true;
    const ENDS_SOON: bool = true;

    fn new() -> Self {
        Asks(R::Mutex::new(None))
    }

    fn dispatch(self: &Arc<Self>, request: IoRequest<R>) {
        *self.0.lock() = Some(request);
    }

    fn device_done(self: &Arc<Self>) {
        let request = self.0.lock().take();
        if let Some(request) = request {
            let status = if request.is_canceled() { Status::Canceled } else { Status::Success };
            request.complete(status);
        }
    }
}

/// A driver that was built for an older framework: what it marks during a purge is not canceled by it.
struct Older<R: Runtime>(R::Mutex<Option<IoRequest<R>>>);

impl<R: Runtime> Driver<R> for Older<R> {
    const PURGES_LATER_MARKS: bool = false;

    fn new() -> Self {
        Older(R::Mutex::new(None))
    }

    fn dispatch(self: &Arc<Self>, request: IoRequest<R>) {
        let driver = Arc::downgrade(self);
        let mut pending = self.0.lock();
        let answer = request.mark_cancelable(move |request| {
            if let Some(driver) = driver.upgrade() {
                *driver.0.lock() = None;
            }
            request.complete(Status::Canceled);
        });
        assert_eq!(answer, Mark::Marked);
        *pending = Some(request);
    }

    fn device_done(self: &Arc<Self>) {
        let mut pending = self.0.lock();
        let Some(request) = pending.take() else { return };
        let answer = request.unmark_cancelable();
        drop(pending);
        if answer == Unmark::Unmarked {
            request.complete(Status::Success);
        }
    }
}

/// A driver with a place for each request, whose marks are refused when a cancel was first, and which puts a request back once.
struct TwoAtATime<R: Runtime> {
    pending: R::Mutex<[Option<IoRequest<R>>; 2]>,
    was_put_back: R::Mutex<bool>,
}

impl<R: Runtime> Driver<R> for TwoAtATime<R> {
    const AT_A_TIME: usize = 2;

    fn new() -> Self {
        TwoAtATime { pending: R::Mutex::new([None, None]), was_put_back: R::Mutex::new(false) }
    }

    fn contract() -> Contract {
        Contract { mark_after_cancel: MarkAfterCancel::Refuses, ..DRIVER }
    }

    fn dispatch(self: &Arc<Self>, request: IoRequest<R>) {
        if request.number() == 0 && !std::mem::replace(&mut *self.was_put_back.lock(), true) {
            return request.requeue();
        }
        let driver = Arc::downgrade(self);
        let mut pending = self.pending.lock();
        let answer = request.mark_cancelable(move |request| {
            if let Some(driver) = driver.upgrade() {
                driver.pending.lock()[request.number()] = None;
            }
            request.complete(Status::Canceled);
        });
        if answer == Mark::Canceled {
            drop(pending);
            request.complete(Status::Canceled);
        } else {
            let place = request.number();
            pending[place] = Some(request);
        }
    }

    fn device_done(self: &Arc<Self>) {
        let mut pending = self.pending.lock();
        let Some(request) = pending.iter_mut().find_map(Option::take) else { return };
        let answer = request.unmark_cancelable();
        drop(pending);
        if answer == Unmark::Unmarked {
            request.complete(Status::Success);
        }
    }
}

type Right<R> = OneAtATime<R, NOTHING>;
type CompletesTheMarked<R> = OneAtATime<R, COMPLETES_THE_MARKED>;
type IgnoresTheRefusal<R> = OneAtATime<R, IGNORES_THE_REFUSAL>;
type FreesFirst<R> = OneAtATime<R, FREES_FIRST>;
type CompletesTheQueued<R> = OneAtATime<R, COMPLETES_THE_QUEUED>;
type MarksNothing<R> = OneAtATime<R, MARKS_NOTHING>;
type LeavesItPending<R> = OneAtATime<R, LEAVES_IT_PENDING>;
type LetsGoFirst<R> = OneAtATime<R, LETS_GO_FIRST>;
type UsesTheBufferLate<R> = OneAtATime<R, USES_THE_BUFFER_LATE>;
type ForgetsTheFirst<R> = OneAtATime<R, FORGETS_THE_FIRST>;
type FreesWhenStopped<R> = OneAtATime<R, FREES_WHEN_STOPPED>;
type PutsBackTheMarked<R> = OneAtATime<R, PUTS_BACK_THE_MARKED>;
type TrustsTheMark<R> = OneAtATime<R, TRUSTS_THE_MARK>;
type LeavesTheQueued<R> = OneAtATime<R, LEAVES_THE_QUEUED>;

#[test]
fn right_drivers_are_refuted_nowhere() {
    assert!(named(subject!(Right<_> as Driver)).len() >= 18);
    assert_right(subject!(Right<_> as Driver));
    assert_right(subject!(Asks<_> as Driver));
    assert_right(subject!(TwoAtATime<_> as Driver));
    assert_right(subject!(Older<_> as Driver));
}

#[test]
fn each_wrong_driver_is_refuted_for_what_it_does() {
    let late = &[Rule::NeverAfterCompletion];
    let freed = &[Rule::Lifetime, Rule::Publication];
    let twins: [Twin; 13] = [
        (subject!(CompletesTheMarked as Driver), "delivered-then-done", late, &ALL),
        (
            subject!(IgnoresTheRefusal as Driver),
            "canceled-while-done",
            &[Rule::NeverAfterCompletion, Rule::SingleCompletion, Rule::Publication],
            &ALL,
        ),
        (subject!(FreesFirst as Driver), "canceled-while-done", freed, &ALL),
        (subject!(CompletesTheQueued as Driver), "delivered-again-while-canceled", &[Rule::NoMisuse], &ALL),
        (subject!(MarksNothing as Driver), "delivered-then-canceled", &[Rule::NoLostCancel], &ALL),
        (subject!(LeavesItPending as Driver), "canceled-while-done", &[Rule::NoMisuse], &ALL),
        (subject!(LetsGoFirst as Driver), "canceled-while-done", &[Rule::NoMisuse], &ALL),
        (subject!(UsesTheBufferLate as Driver), "delivered-then-canceled", late, &ALL),
        (
            subject!(ForgetsTheFirst as Driver),
            "next-delivered-while-canceled",
            &[Rule::RequestCompleted],
            &ALL,
        ),
        (subject!(FreesWhenStopped as Driver), "stopped-while-canceled", freed, &ALL),
        (subject!(PutsBackTheMarked as Driver), "delivered-then-done", &[Rule::NoMisuse], &ALL),
        (
            subject!(TrustsTheMark as Driver),
            "canceled-while-delivered",
            &[Rule::NoMisuse, Rule::NoLostCancel],
            &ALL,
        ),
        (subject!(LeavesTheQueued as Driver), "delivered-again-while-canceled", &[Rule::NoLostCancel], &ALL),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}

/// A driver that sends each request on and waits in its handler until it has ended.
struct Waits;

impl Steps for Waits {
    const SENDS: bool = true;

    fn dispatch<R: Runtime>(driver: &Arc<Ordinary<R, Self>>, request: IoRequest<R>) {
        send_and_wait(driver, &request, true);
    }
}

type SendsAndWaits<R> = Ordinary<R, Waits>;

#[test]
fn the_registered_driver_and_one_that_sends_requests_on_are_refuted_nowhere() {
    assert_right(DRIVER_REFERENCE);
    assert_right(subject!(SendsAndWaits<_> as Driver));
}

#[test]
fn every_registered_fault_is_refuted_for_its_own_rule_by_every_engine() {
    let wrong = DRIVERS.iter().flat_map(|fault| {
        let apt = [fault.about.breaks];
        unrefuted(fault.subject, fault.about.scenario, &apt, &ALL)
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_finding_has_the_line_of_the_wrong_call_and_of_the_calls_before_it() {
    let scenario = catalogue::named("canceled-while-done").expect("it is in the catalogue");
    let judgement =
        judge(subject!(LeavesItPending as Driver), &scenario, Engine::Dpor, Settings::default()).unwrap();
    let Verdict::Refuted { violation, .. } = &judgement.verdict else { panic!("{}", judgement.verdict) };
    let words = &violation.explanation;
    assert_eq!(words.matches("tests/shapes/driver.rs:").count(), 3, "{words}");
    for part in ["takes a mark back, which is refused", "marks (marked)", "completes (completed)"] {
        assert!(words.contains(part), "{words}");
    }
}
