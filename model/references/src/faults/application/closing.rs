//! Faults at the end of handles and of threads.

use crate::application::{Application, CallSteps, Handle, Selector, ThreadId, cancel_selected, selected};
use crate::faults::{About, Fault};
use crate::framework::Reference;
use crate::rule::Rule;
use crate::runtime::Runtime;

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
