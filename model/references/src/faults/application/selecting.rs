//! Faults in what a canceling call selects, and in what it says of that.

use crate::application::{
    Application, CallSteps, Entry, Handle, Overlapped, Selected, Selector, ThreadId, cancel_selected,
    selected, selects,
};
use crate::faults::{About, Fault, Sight};
use crate::framework::{Id, Reference};
use crate::request::Cancel;
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
