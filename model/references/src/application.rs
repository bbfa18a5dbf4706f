//! The application's side of requests: files, outstanding I/O, and the calls that cancel it.
//!
//! The I/O manager keeps a table of the I/O that is outstanding: on which file, issued by which thread, with which
//! `OVERLAPPED`, and whether the thread is blocked in it. A canceling call *selects* from the table and then cancels
//! each of what it has selected, and waits for nothing: how and when the I/O ends is up to the driver. The table is
//! locked while it is looked at, and never while a driver's code runs.
//!
//! | call | selects | answers if nothing was selected |
//! |---|---|---|
//! | [`cancel_io`](Application::cancel_io) | I/O on that file that the calling thread has issued | requested |
//! | [`cancel_io_ex`](Application::cancel_io_ex) without `OVERLAPPED` | all I/O on that file; one thread after another | not found |
//! | [`cancel_io_ex`](Application::cancel_io_ex) with one | all I/O on that file that was issued with it | not found |
//! | [`cancel_synchronous_io`](Application::cancel_synchronous_io) | the I/O that a thread is blocked in | not found |
//! | [`close`](Application::close) | if the handle is the last of its file, what still waits in a queue | – |
//! | [`exit`](Application::exit) | everything that the thread has issued | – |
//!
//! Selection is by file and not by handle: I/O that was issued through a duplicate is found.
//!
//! # Source
//!
//! Section 5 of the request cancellation specification. That I/O of an exiting thread is canceled is documented;
//! that it is canceled as if by a call is inference.

use core::fmt;
use std::sync::Arc;

use crate::framework::{Framework, Id};
use crate::request::{Cancel, Status};
use crate::runtime::{Condvar, Mutex, MutexGuard, Runtime};

/// A thread of the application, by number.
pub type ThreadId = u8;
/// A handle to a file, by number.
pub type Handle = u8;
/// A file object, by number.
pub type File = u8;
/// An `OVERLAPPED`, by number.
pub type Overlapped = u8;

/// One I/O that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The request that stands for it.
    pub id: Id,
    /// On which file.
    pub file: File,
    /// Through which handle.
    pub handle: Handle,
    /// By which thread.
    pub issuer: ThreadId,
    /// With which `OVERLAPPED`; without one the issuer is blocked in it.
    pub overlapped: Option<Overlapped>,
    /// How it ended.
    pub status: Option<Status>,
}

/// What the lock of the I/O manager guards.
#[derive(Debug)]
pub struct Table {
    /// The file of each handle that is open.
    pub handles: Vec<Option<File>>,
    /// Everything that was issued.
    pub entries: Vec<Entry>,
}

/// What a canceling call answers.
#[must_use = "the answer says whether anything was selected, and not whether it was canceled"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selected {
    /// A cancel was requested for everything that was selected.
    Requested,
    /// Nothing was selected.
    NotFound,
    /// The handle is not open.
    BadHandle,
    /// The caller may not cancel the I/O of that thread.
    AccessDenied,
}

/// What a call selects by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    /// I/O on the file that the thread has issued.
    Issued(File, ThreadId),
    /// I/O on the file that was issued with it.
    With(File, Overlapped),
    /// The I/O that the thread is blocked in.
    Blocking(ThreadId),
    /// Everything that the thread has issued.
    OfThread(ThreadId),
    /// Everything on the file.
    OnFile(File),
}

/// The steps of the application's side, for faults to override.
pub trait CallSteps<R: Runtime>: Send + Sync + 'static {
    /// Whether an outstanding I/O is selected.
    fn selects(&self, entry: &Entry, selector: Selector) -> bool {
        selects(entry, selector)
    }

    /// Selects and cancels; whether anything was selected.
    fn cancel_selected(&self, application: &Application<R>, selector: Selector) -> bool {
        cancel_selected(application, selector)
    }

    /// See [`Application::cancel_io`].
    fn cancel_io(&self, application: &Application<R>, caller: ThreadId, handle: Handle) -> Selected {
        cancel_io(application, caller, handle)
    }

    /// See [`Application::cancel_io_ex`].
    fn cancel_io_ex(
        &self,
        application: &Application<R>,
        handle: Handle,
        overlapped: Option<Overlapped>,
    ) -> Selected {
        cancel_io_ex(application, handle, overlapped)
    }

    /// See [`Application::cancel_synchronous_io`].
    fn cancel_synchronous_io(
        &self,
        application: &Application<R>,
        thread: ThreadId,
        has_access: bool,
    ) -> Selected {
        cancel_synchronous_io(application, thread, has_access)
    }

    /// See [`Application::close`].
    fn close(&self, application: &Application<R>, handle: Handle) {
        close(application, handle);
    }

    /// See [`Application::exit`].
    fn exit(&self, application: &Application<R>, thread: ThreadId) {
        application.calls.cancel_selected(application, Selector::OfThread(thread));
    }

    /// The status that an I/O ends with, given the one that its driver has completed it with.
    fn note_status(&self, _application: &Application<R>, _id: Id, status: Status) -> Status {
        status
    }

    /// Tells whoever waits that an I/O has ended.
    fn announce(&self, application: &Application<R>) {
        application.changed.notify_all();
    }
}

impl<R: Runtime> CallSteps<R> for crate::framework::Reference {}

/// The application's side of a framework.
pub struct Application<R: Runtime> {
    framework: Arc<Framework<R>>,
    table: R::Mutex<Table>,
    changed: R::Condvar,
    calls: Box<dyn CallSteps<R>>,
}

impl<R: Runtime> Application<R> {
    /// An application with these handles open, each to a file. Whoever makes it passes on to
    /// [`completed`](Self::completed) what the framework says of completed requests.
    #[must_use]
    #[track_caller]
    pub fn new(framework: Arc<Framework<R>>, handles: &[File], calls: Box<dyn CallSteps<R>>) -> Self {
        let handles = handles.iter().copied().map(Some).collect();
        Application {
            framework,
            table: R::Mutex::new(Table { handles, entries: Vec::new() }),
            changed: R::Condvar::new(),
            calls,
        }
    }

    /// A thread issues I/O, for which `id` stands; without an `OVERLAPPED` it is to [wait](Self::wait) for it. Whether
    /// the handle was open.
    pub fn issue(&self, id: Id, issuer: ThreadId, handle: Handle, overlapped: Option<Overlapped>) -> bool {
        let mut table = self.table();
        let Some(file) = table.file(handle) else { return false };
        table.entries.push(Entry { id, file, handle, issuer, overlapped, status: None });
        true
    }

    /// The driver has completed a request.
    pub fn completed(&self, id: Id, status: Status) {
        let status = self.calls.note_status(self, id, status);
        let mut table = self.table();
        if let Some(entry) = table.entries.iter_mut().find(|entry| entry.id == id) {
            entry.status = Some(status);
        }
        drop(table);
        self.calls.announce(self);
    }

    /// Blocks until an I/O that was issued has ended.
    pub fn wait(&self, id: Id) -> Status {
        let mut table = self.table();
        loop {
            let ended = table.entries.iter().find(|entry| entry.id == id).and_then(|entry| entry.status);
            match ended {
                Some(status) => return status,
                None => table = self.changed.wait(table),
            }
        }
    }

    /// `CancelIo`, by the calling thread.
    pub fn cancel_io(&self, caller: ThreadId, handle: Handle) -> Selected {
        self.calls.cancel_io(self, caller, handle)
    }

    /// `CancelIoEx`, by any thread.
    pub fn cancel_io_ex(&self, handle: Handle, overlapped: Option<Overlapped>) -> Selected {
        self.calls.cancel_io_ex(self, handle, overlapped)
    }

    /// `CancelSynchronousIo`, by any thread that may.
    pub fn cancel_synchronous_io(&self, thread: ThreadId, has_access: bool) -> Selected {
        self.calls.cancel_synchronous_io(self, thread, has_access)
    }

    /// A handle is closed.
    pub fn close(&self, handle: Handle) {
        self.calls.close(self, handle);
    }

    /// A thread of the application ends.
    pub fn exit(&self, thread: ThreadId) {
        self.calls.exit(self, thread);
    }

    /// The lock of the I/O manager.
    pub fn table(&self) -> MutexGuard<'_, R, Table> {
        self.table.lock()
    }

    /// What waits for I/O to end.
    pub fn changed(&self) -> &R::Condvar {
        &self.changed
    }

    /// What is below.
    #[must_use]
    pub fn framework(&self) -> &Framework<R> {
        &self.framework
    }

    /// The steps.
    #[must_use]
    pub fn calls(&self) -> &dyn CallSteps<R> {
        &*self.calls
    }
}

impl Table {
    /// The file of a handle, if it is open.
    #[must_use]
    pub fn file(&self, handle: Handle) -> Option<File> {
        self.handles.get(usize::from(handle)).copied().flatten()
    }

    /// What is outstanding.
    pub fn outstanding(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.status.is_none())
    }
}

impl<R: Runtime> fmt::Debug for Application<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application").finish_non_exhaustive()
    }
}

/// The table at the head of this page.
#[must_use]
pub fn selects(entry: &Entry, selector: Selector) -> bool {
    match selector {
        Selector::Issued(file, thread) => entry.file == file && entry.issuer == thread,
        Selector::With(file, overlapped) => entry.file == file && entry.overlapped == Some(overlapped),
        Selector::Blocking(thread) => entry.issuer == thread && entry.overlapped.is_none(),
        Selector::OfThread(thread) => entry.issuer == thread,
        Selector::OnFile(file) => entry.file == file,
    }
}

/// Selects under the lock, and cancels what was selected without it.
pub fn cancel_selected<R: Runtime>(application: &Application<R>, selector: Selector) -> bool {
    let selected = selected(application, selector);
    for &id in &selected {
        let _: Cancel = application.framework.cancel(id);
    }
    !selected.is_empty()
}

/// What is outstanding and selected.
#[must_use]
pub fn selected<R: Runtime>(application: &Application<R>, selector: Selector) -> Vec<Id> {
    let table = application.table();
    let is_selected = |entry: &&Entry| application.calls.selects(entry, selector);
    table.outstanding().filter(is_selected).map(|entry| entry.id).collect()
}

fn answer(is_found: bool) -> Selected {
    if is_found { Selected::Requested } else { Selected::NotFound }
}

fn cancel_io<R: Runtime>(application: &Application<R>, caller: ThreadId, handle: Handle) -> Selected {
    let Some(file) = application.table().file(handle) else { return Selected::BadHandle };
    application.calls.cancel_selected(application, Selector::Issued(file, caller));
    Selected::Requested
}

fn cancel_io_ex<R: Runtime>(
    application: &Application<R>,
    handle: Handle,
    overlapped: Option<Overlapped>,
) -> Selected {
    let table = application.table();
    let Some(file) = table.file(handle) else { return Selected::BadHandle };
    let mut issuers: Vec<ThreadId> = table.entries.iter().map(|entry| entry.issuer).collect();
    drop(table);
    if let Some(overlapped) = overlapped {
        return answer(application.calls.cancel_selected(application, Selector::With(file, overlapped)));
    }
    issuers.sort_unstable();
    issuers.dedup();
    let mut is_found = false;
    for issuer in issuers {
        is_found |= application.calls.cancel_selected(application, Selector::Issued(file, issuer));
    }
    answer(is_found)
}

fn cancel_synchronous_io<R: Runtime>(
    application: &Application<R>,
    thread: ThreadId,
    has_access: bool,
) -> Selected {
    if !has_access {
        return Selected::AccessDenied;
    }
    answer(application.calls.cancel_selected(application, Selector::Blocking(thread)))
}

fn close<R: Runtime>(application: &Application<R>, handle: Handle) {
    let mut table = application.table();
    let Some(file) = table.file(handle) else { return };
    table.handles[usize::from(handle)] = None;
    let is_last = !table.handles.contains(&Some(file));
    drop(table);
    if is_last {
        application.framework.clean_up(&selected(application, Selector::OnFile(file)));
    }
}
