//! Faults in how what was selected is canceled, and how it ends.

use crate::application::{Application, CallSteps, Selector, selected, selects};
use crate::faults::{About, Fault, Sight};
use crate::framework::Id;
use crate::request::{Cancel, Status};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// A canceling call waits until what it cancels has ended.
#[derive(Debug)]
pub struct WaitsForTheEnd;

impl<R: Runtime> CallSteps<R> for WaitsForTheEnd {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let ids = selected(application, selector);
        for &id in &ids {
            let _: Cancel = application.framework().cancel(id);
            let _: Status = application.wait(id);
        }
        !ids.is_empty()
    }
}
impl Fault for WaitsForTheEnd {
    const ABOUT: About = About {
        name: "application-waits-for-the-end",
        edit: "a canceling call waits until what it has canceled has ended",
        breaks: Rule::NoDeadlock,
        scenario: "cancel-io-ex-does-not-wait",
        origin: "specification 5.2: none of the calls waits for completion",
        ..About::of("application")
    };
}

/// Whatever was canceled ends as canceled.
#[derive(Debug)]
pub struct DictatesTheStatus;

impl<R: Runtime> CallSteps<R> for DictatesTheStatus {
    fn note_status(&self, application: &Application<R>, id: Id, status: Status) -> Status {
        if application.framework().irp(id).is_bit_set() { Status::Canceled } else { status }
    }
}
impl Fault for DictatesTheStatus {
    const ABOUT: About = About {
        name: "application-dictates-the-status",
        edit: "I/O whose cancel bit is set ends as canceled, whatever its driver says",
        breaks: Rule::StatusKept,
        scenario: "cancel-io-ex-succeeds",
        origin: "specification I16: cancel does not dictate status",
        ..About::of("application")
    };
}

/// A canceling call ends the I/O itself.
#[derive(Debug)]
pub struct EndsItself;

impl<R: Runtime> CallSteps<R> for EndsItself {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let ids = selected(application, selector);
        for &id in &ids {
            let _: Cancel = application.framework().cancel(id);
            application.completed(id, Status::Canceled);
        }
        !ids.is_empty()
    }
}
impl Fault for EndsItself {
    const ABOUT: About = About {
        name: "application-ends-itself",
        edit: "a canceling call notes the I/O as ended, beside the completion that its driver makes",
        breaks: Rule::StatusKept,
        scenario: "cancel-io-ex-succeeds",
        origin: "specification I19: cancel adds no completion of its own",
        ..About::of("application")
    };
}

/// A canceling call ends the I/O itself, and then has its driver cancel it.
#[derive(Debug)]
pub struct EndsBeforeTheDriver;

impl<R: Runtime> CallSteps<R> for EndsBeforeTheDriver {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let ids = selected(application, selector);
        for &id in &ids {
            application.completed(id, Status::Canceled);
            let _: Cancel = application.framework().cancel(id);
        }
        !ids.is_empty()
    }
}
impl Fault for EndsBeforeTheDriver {
    const ABOUT: About = About {
        name: "application-ends-before-the-driver",
        edit: "a canceling call notes the I/O as ended, and only then has its driver cancel and complete it",
        breaks: Rule::StatusKept,
        scenario: "cancel-io-ex-collect",
        origin: "specification 5.2: buffers must stay valid until the completion, and are the application's after it",
        needs: Sight::HappensBefore,
        ..About::of("application")
    };
}

/// The table is locked while drivers run.
#[derive(Debug)]
pub struct CancelsUnderTheLock;

impl<R: Runtime> CallSteps<R> for CancelsUnderTheLock {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let table = application.table();
        let matching = table.outstanding().filter(|entry| selects(entry, selector));
        let ids: Vec<Id> = matching.map(|entry| entry.id).collect();
        for &id in &ids {
            let _: Cancel = application.framework().cancel(id);
        }
        drop(table);
        !ids.is_empty()
    }
}
impl Fault for CancelsUnderTheLock {
    const ABOUT: About = About {
        name: "application-cancels-under-the-lock",
        edit: "a canceling call holds the lock of the table while it cancels",
        breaks: Rule::ReentrantCallback,
        scenario: "cancel-io-ex-succeeds",
        origin: "specification I12; rule SpinLockSafe",
        ..About::of("application")
    };
}

/// Whoever waits is not told.
#[derive(Debug)]
pub struct WakesNobody;

impl<R: Runtime> CallSteps<R> for WakesNobody {
    fn announce(&self, _application: &Application<R>) {}
}
impl Fault for WakesNobody {
    const ABOUT: About = About {
        name: "application-wakes-nobody",
        edit: "the end of an I/O is noted and not announced",
        breaks: Rule::NoDeadlock,
        scenario: "cancel-synchronous-io",
        origin: "specification 5.2: every selected I/O completes through its normal channel",
        ..About::of("application")
    };
}
