//! Faults of the [application's side](crate::application): each overrides one step of
//! [`CallSteps`].

use super::{About, Fault, Sight};
use crate::application::{
    Application, CallSteps, Entry, Handle, Overlapped, Selected, Selector, ThreadId, cancel_selected,
    selected, selects,
};
use crate::framework::{Id, Reference};
use crate::request::{Cancel, Status};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// `CancelIo` takes the I/O of every thread.
#[derive(Debug)]
pub struct TakesEveryThread;

impl<R: Runtime> CallSteps<R> for TakesEveryThread {
    fn selects(&self, entry: &Entry, selector: Selector) -> bool {
        match selector {
            Selector::Issued(file, _) => entry.file == file,
            other => selects(entry, other),
        }
    }
}
impl Fault for TakesEveryThread {
    const ABOUT: About = About {
        name: "application-takes-every-thread",
        edit: "CancelIo does not compare the thread that has issued the I/O",
        breaks: Rule::RightSelection,
        scenario: "cancel-io-selects-its-thread",
        origin: "specification 5.1: I/O issued by the calling thread",
        ..About::of("application")
    };
}

/// `CancelIo` takes the I/O on every file.
#[derive(Debug)]
pub struct TakesEveryFile;

impl<R: Runtime> CallSteps<R> for TakesEveryFile {
    fn selects(&self, entry: &Entry, selector: Selector) -> bool {
        match selector {
            Selector::Issued(_, thread) => entry.issuer == thread,
            other => selects(entry, other),
        }
    }
}
impl Fault for TakesEveryFile {
    const ABOUT: About = About {
        name: "application-takes-every-file",
        edit: "CancelIo does not compare the file",
        breaks: Rule::RightSelection,
        scenario: "cancel-io-selects-its-file",
        origin: "specification 5.1: I/O on file of h",
        ..About::of("application")
    };
}

/// `CancelIoEx` does not look at the `OVERLAPPED`.
#[derive(Debug)]
pub struct TakesEveryOverlapped;

impl<R: Runtime> CallSteps<R> for TakesEveryOverlapped {
    fn selects(&self, entry: &Entry, selector: Selector) -> bool {
        match selector {
            Selector::With(file, _) => entry.file == file,
            other => selects(entry, other),
        }
    }
}
impl Fault for TakesEveryOverlapped {
    const ABOUT: About = About {
        name: "application-takes-every-overlapped",
        edit: "CancelIoEx with an OVERLAPPED cancels all I/O on the file",
        breaks: Rule::RightSelection,
        scenario: "cancel-io-ex-selects-one",
        origin: "specification 5.1: only requests issued with that OVERLAPPED",
        ..About::of("application")
    };
}

/// `CancelIo` acts for the thread that has opened the file.
#[derive(Debug)]
pub struct CancelsForTheOpener;

/// The thread that opens all files: the first.
const OPENER: ThreadId = 0;

impl<R: Runtime> CallSteps<R> for CancelsForTheOpener {
    fn cancel_io(&self, application: &Application<R>, _caller: ThreadId, handle: Handle) -> Selected {
        CallSteps::<R>::cancel_io(&Reference, application, OPENER, handle)
    }
}
impl Fault for CancelsForTheOpener {
    const ABOUT: About = About {
        name: "application-cancels-for-the-opener",
        edit: "CancelIo takes the I/O of the thread that has opened the file instead of the calling thread's",
        breaks: Rule::RightSelection,
        scenario: "cancel-io-by-two-threads",
        origin: "specification 5.1: I/O issued by the calling thread",
        needs: Sight::RealTime,
        ..About::of("application")
    };
}

/// Of several that share an `OVERLAPPED` only the first is canceled.
#[derive(Debug)]
pub struct TakesTheFirst;

impl<R: Runtime> CallSteps<R> for TakesTheFirst {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let first = selected(application, selector).into_iter().next();
        first.is_some_and(|id| {
            let _: Cancel = application.framework().cancel(id);
            true
        })
    }
}
impl Fault for TakesTheFirst {
    const ABOUT: About = About {
        name: "application-takes-the-first",
        edit: "a canceling call stops at the first I/O that it selects",
        breaks: Rule::RightSelection,
        scenario: "cancel-io-ex-selects-what-shares",
        origin: "specification 5.1: if several share it, all of them",
        ..About::of("application")
    };
}

/// Selection is by handle.
#[derive(Debug)]
pub struct SelectsByHandle;

impl<R: Runtime> CallSteps<R> for SelectsByHandle {
    fn cancel_io_ex(
        &self,
        application: &Application<R>,
        handle: Handle,
        _overlapped: Option<Overlapped>,
    ) -> Selected {
        let table = application.table();
        let through = table.outstanding().filter(|entry| entry.handle == handle);
        let ids: Vec<Id> = through.map(|entry| entry.id).collect();
        drop(table);
        for &id in &ids {
            let _: Cancel = application.framework().cancel(id);
        }
        if ids.is_empty() { Selected::NotFound } else { Selected::Requested }
    }
}
impl Fault for SelectsByHandle {
    const ABOUT: About = About {
        name: "application-selects-by-handle",
        edit: "CancelIoEx selects I/O that was issued through the same handle",
        breaks: Rule::TruthfulNotFound,
        scenario: "cancel-io-ex-through-a-duplicate",
        origin: "specification 5.1: selection is by file object",
        ..About::of("application")
    };
}

/// Not found is what the driver did not let be claimed.
#[derive(Debug)]
pub struct FindsOnlyWhatItClaims;

impl<R: Runtime> CallSteps<R> for FindsOnlyWhatItClaims {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let mut is_claimed = false;
        for id in selected(application, selector) {
            is_claimed |= application.framework().cancel(id) == Cancel::Claimed;
        }
        is_claimed
    }
}
impl Fault for FindsOnlyWhatItClaims {
    const ABOUT: About = About {
        name: "application-finds-only-what-it-claims",
        edit: "a canceling call answers not-found when none of its cancels has claimed",
        breaks: Rule::TruthfulNotFound,
        scenario: "cancel-io-ex-does-not-wait",
        origin: "specification 5.3: delivered, not armed: success (request found)",
        ..About::of("application")
    };
}

/// What somebody cancels already is not found.
#[derive(Debug)]
pub struct OverlooksWhatIsCanceled;

impl<R: Runtime> CallSteps<R> for OverlooksWhatIsCanceled {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        let mut ids = selected(application, selector);
        ids.retain(|&id| !application.framework().irp(id).is_bit_set());
        for &id in &ids {
            let _: Cancel = application.framework().cancel(id);
        }
        !ids.is_empty()
    }
}
impl Fault for OverlooksWhatIsCanceled {
    const ABOUT: About = About {
        name: "application-overlooks-what-is-canceled",
        edit: "a canceling call leaves out I/O whose cancel bit is set, and finds nothing if that is all",
        breaks: Rule::TruthfulNotFound,
        scenario: "cancel-twice",
        origin: "specification 5.3: found is what is outstanding, whoever cancels it as well",
        needs: Sight::RealTime,
        ..About::of("application")
    };
}

/// Something is always found.
#[derive(Debug)]
pub struct AlwaysFinds;

impl<R: Runtime> CallSteps<R> for AlwaysFinds {
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        cancel_selected(application, selector);
        true
    }
}
impl Fault for AlwaysFinds {
    const ABOUT: About = About {
        name: "application-always-finds",
        edit: "a canceling call answers success when it has selected nothing",
        breaks: Rule::TruthfulNotFound,
        scenario: "cancel-io-ex-elsewhere",
        origin: "specification 5.1: 0, ERROR_NOT_FOUND",
        ..About::of("application")
    };
}

/// `CancelSynchronousIo` takes overlapped I/O.
#[derive(Debug)]
pub struct TakesTheOverlapped;

impl<R: Runtime> CallSteps<R> for TakesTheOverlapped {
    fn selects(&self, entry: &Entry, selector: Selector) -> bool {
        match selector {
            Selector::Blocking(thread) => entry.issuer == thread,
            other => selects(entry, other),
        }
    }
}
impl Fault for TakesTheOverlapped {
    const ABOUT: About = About {
        name: "application-takes-the-overlapped",
        edit: "CancelSynchronousIo does not look whether the thread is blocked in the I/O",
        breaks: Rule::RightSelection,
        scenario: "cancel-synchronous-io-leaves-overlapped",
        origin: "specification 5.1: asynchronous I/O of that thread is not selected",
        ..About::of("application")
    };
}

/// Everybody may cancel the I/O of every thread.
#[derive(Debug)]
pub struct AsksForNoAccess;

impl<R: Runtime> CallSteps<R> for AsksForNoAccess {
    fn cancel_synchronous_io(
        &self,
        application: &Application<R>,
        thread: ThreadId,
        _has_access: bool,
    ) -> Selected {
        CallSteps::<R>::cancel_synchronous_io(&Reference, application, thread, true)
    }
}
impl Fault for AsksForNoAccess {
    const ABOUT: About = About {
        name: "application-asks-for-no-access",
        edit: "CancelSynchronousIo does not check the access to the thread",
        breaks: Rule::Linearizable,
        scenario: "cancel-synchronous-io-denied",
        origin: "specification 5.1: needs THREAD_TERMINATE access",
        ..About::of("application")
    };
}

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

/// The first handle that closes counts as the last.
#[derive(Debug)]
pub struct ClosesAtTheFirstHandle;

impl<R: Runtime> CallSteps<R> for ClosesAtTheFirstHandle {
    fn close(&self, application: &Application<R>, handle: Handle) {
        let file = application.table().file(handle);
        if let Some(file) = file {
            application.framework().clean_up(&selected(application, Selector::OnFile(file)));
        }
        CallSteps::<R>::close(&Reference, application, handle);
    }
}
impl Fault for ClosesAtTheFirstHandle {
    const ABOUT: About = About {
        name: "application-closes-at-the-first-handle",
        edit: "closing a handle does not look whether there are duplicates of it",
        breaks: Rule::Linearizable,
        scenario: "close-keeps-while-duplicated",
        origin: "specification 5.1: closing the last handle",
        ..About::of("application")
    };
}

/// A handle is closed, and what was issued on its file is canceled.
#[derive(Debug)]
pub struct CancelsOnClose;

impl<R: Runtime> CallSteps<R> for CancelsOnClose {
    fn close(&self, application: &Application<R>, handle: Handle) {
        let file = application.table().file(handle);
        if let Some(file) = file {
            cancel_selected(application, Selector::OnFile(file));
        }
        CallSteps::<R>::close(&Reference, application, handle);
    }
}
impl Fault for CancelsOnClose {
    const ABOUT: About = About {
        name: "application-cancels-on-close",
        edit: "closing a handle cancels all I/O on its file",
        breaks: Rule::RightSelection,
        scenario: "close-mark-finish",
        origin: "specification R28: cleanup alone never calls the cancel callback of a driver-owned request",
        ..About::of("application")
    };
}

/// The end of a thread is forgotten on all files but one.
#[derive(Debug)]
pub struct ExitsOnOneFile;

impl<R: Runtime> CallSteps<R> for ExitsOnOneFile {
    fn exit(&self, application: &Application<R>, thread: ThreadId) {
        cancel_selected(application, Selector::Issued(0, thread));
    }
}
impl Fault for ExitsOnOneFile {
    const ABOUT: About = About {
        name: "application-exits-on-one-file",
        edit: "the end of a thread cancels its I/O on one file only",
        breaks: Rule::NoDeadlock,
        scenario: "exit-cancels",
        origin: "specification 5.1: all IRPs of that thread are canceled",
        ..About::of("application")
    };
}

/// The end of a thread cancels the I/O of others.
#[derive(Debug)]
pub struct ExitsForEverybody;

impl<R: Runtime> CallSteps<R> for ExitsForEverybody {
    fn exit(&self, application: &Application<R>, _thread: ThreadId) {
        cancel_selected(application, Selector::OnFile(0));
    }
}
impl Fault for ExitsForEverybody {
    const ABOUT: About = About {
        name: "application-exits-for-everybody",
        edit: "the end of a thread cancels the I/O of all threads on its file",
        breaks: Rule::RightSelection,
        scenario: "exit-leaves-others",
        origin: "specification 5.1: thread exit selects the IRPs of that thread",
        ..About::of("application")
    };
}
